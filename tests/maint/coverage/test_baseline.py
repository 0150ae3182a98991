"""Rows that only tighten, files that come, go and move, environments side by side."""

from __future__ import annotations

from datetime import date

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from maint.coverage.baseline import TOTAL, Baseline, Row, Waiver, pinned, tightened
from maint.coverage.counts import Counts
from maint.coverage.environment import Environment

from .conftest import HERE, baseline, share

OTHER = Environment("darwin-cpython3.13-line", "7.17.3", "0badcafe")
COUNTS = st.integers(1, 300).flatmap(
    lambda total: st.integers(0, total).map(lambda missing: Counts(total, missing))
)


def after(was: Baseline, present: set[str] | None = None, **files: Counts) -> dict[str, Row]:
    measured = {f"src/{name}.py": counts for name, counts in files.items()}
    renames = {"src/moved.py": "src/a.py"} if "moved" in files else {}
    there = present if present is not None else {path for _, path in was.rows}
    return tightened(was, HERE, measured, present=there, renames=renames).pinned(HERE.key)


@given(COUNTS, st.lists(COUNTS, max_size=6))
def test_however_often_it_is_updated_a_row_never_gives_up_a_share(
    first: Counts, updates: list[Counts]
) -> None:
    row = Row(first)
    for now in updates:
        tighter = row.tightened(now)
        assert not tighter.floor.is_under(row.floor)
        assert not tighter.rejects(now) or row.rejects(now)
        row = tighter


def test_removing_covered_code_first_does_not_make_room_for_a_fall_after() -> None:
    row = Row(Counts(100, 10)).tightened(Counts(50, 10))
    assert not row.rejects(Counts(50, 10))
    assert row.rejects(Counts(100, 20))


def test_removing_missed_code_lowers_the_misses_allowed() -> None:
    row = Row(Counts(100, 10)).tightened(Counts(50, 6))
    assert row.rejects(Counts(50, 9))


def test_a_file_that_fell_keeps_its_row() -> None:
    assert after(baseline(a=(100, 10)), a=Counts(100, 11)) == {"src/a.py": Row(Counts(100, 10))}


def test_a_new_file_comes_in_and_a_deleted_one_goes() -> None:
    rows = after(baseline(a=(10, 1), gone=(10, 0)), present={"src/a.py"}, a=Counts(10, 1), b=Counts(5, 5))
    assert rows == {"src/a.py": Row(Counts(10, 1)), "src/b.py": Row(Counts(5, 5))}


def test_a_file_that_was_not_measured_but_is_there_keeps_its_row() -> None:
    assert after(baseline(a=(10, 1), b=(10, 2)), a=Counts(10, 0)).keys() == {"src/a.py", "src/b.py"}


def test_a_renamed_file_keeps_its_floor() -> None:
    rows = after(baseline(a=(100, 0)), present=set(), moved=Counts(100, 9))
    assert rows == {"src/moved.py": Row(Counts(100, 0))}


def test_an_exception_that_is_no_longer_needed_is_dropped() -> None:
    def waiver(path: str) -> Waiver:
        return Waiver(path=path, key=HERE.key, counts=Counts(10, 5), until=date(2027, 1, 1), reason="x")

    was = msgspec.structs.replace(
        baseline(a=(10, 1), b=(10, 1)), waivers=tuple(map(waiver, ("src/a.py", "src/b.py", TOTAL)))
    )
    measured = {"src/a.py": Counts(10, 3), "src/b.py": Counts(10, 0)}
    kept = tightened(was, HERE, measured, present=set(measured), renames={}).waivers
    assert [one.path for one in kept] == ["src/a.py", TOTAL]


def test_pinning_an_environment_leaves_the_others_alone() -> None:
    both = pinned(baseline(OTHER, a=(10, 5)), HERE, {"src/a.py": Counts(10, 1)})
    assert both.pinned(OTHER.key) == {"src/a.py": Row(Counts(10, 5))}
    assert both.pinned(HERE.key) == {"src/a.py": Row(Counts(10, 1))}
    assert set(both.environments) == {HERE, OTHER}


def test_pinning_again_replaces_what_an_older_coverage_counted() -> None:
    older = msgspec.structs.replace(HERE, coverage="7.0.1")
    again = pinned(baseline(older, a=(10, 5), gone=(3, 3)), HERE, {"src/a.py": Counts(9, 4)})
    assert again.environments == (HERE,)
    assert again.pinned(HERE.key) == {"src/a.py": Row(Counts(9, 4))}


def test_files_outside_the_project_are_not_pinned() -> None:
    assert pinned(Baseline(), HERE, {"/usr/lib/x.py": Counts(3, 3)}).rows == {}


def test_the_difference_between_environments_is_said_in_words() -> None:
    older = msgspec.structs.replace(HERE, coverage="7.0.1", exclusions="11111111")
    said = baseline(older, a=(1, 0)).why_not_comparable(HERE)
    assert said == "coverage 7.17.3 instead of 7.0.1, exclusions 0badcafe instead of 11111111"
    assert baseline(HERE, a=(1, 0)).why_not_comparable(HERE) == ""
    assert "instead of darwin" in baseline(OTHER, a=(1, 0)).why_not_comparable(HERE)


def test_the_best_share_is_kept_only_where_it_is_more_than_the_counts_own() -> None:
    assert Row(Counts(100, 10)).tightened(Counts(50, 10)).best == share(90, 100)
    assert Row(Counts(100, 10)).tightened(Counts(50, 5)).best is None
