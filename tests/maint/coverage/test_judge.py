"""The verdict: each planted fall fails with its own code, and the same numbers without it pass."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from maint.coverage.baseline import TOTAL, Baseline, Row, Waiver
from maint.coverage.counts import Counts
from maint.coverage.judgement import TERMINAL_LINES, Judgement, Status
from maint.coverage.measured import FileMeasure
from maint.coverage.patch import ChangedFile, Patch
from maint.coverage.schedule import Schedule
from maint.coverage.settings import CoverageSettings

from .conftest import HERE, baseline, codes, file, measured, share, verdict

WAS = baseline(a=(100, 10), b=(100, 10))
SCHEDULE = Schedule(
    at=Decimal(40), step=Decimal(5), every="month", start=date(2026, 11, 1), target=Decimal(85), grace_days=14
)


def settings(**given: Any) -> CoverageSettings:
    return CoverageSettings(**given)


def waived(was: Baseline, path: str, counts: Counts, until: date) -> Baseline:
    waiver = Waiver(path=path, key=HERE.key, counts=counts, until=until, reason="the importer goes in May")
    return msgspec.structs.replace(was, waivers=(waiver,))


def statuses(judgement: Judgement) -> dict[str, Status]:
    return {one.path: one.status for one in judgement.files}


def test_the_same_coverage_passes() -> None:
    judgement = verdict(measured(a=file(100, 10), b=file(100, 10)), WAS)
    assert (judgement.failed, codes(judgement)) == (False, [])
    assert judgement.lines(80) == ["coverage 90.00 % (180 of 200 statements), baseline 90.00 %"]


def test_a_file_that_fell_fails_and_says_where() -> None:
    judgement = verdict(measured(a=file(100, 12), b=file(100, 8)), WAS)
    assert codes(judgement) == ["COV001"]
    assert judgement.failed
    (finding,) = judgement.findings
    assert finding.message == (
        "src/a.py: 88.00 % covered, baseline 90.00 % (12 missed, baseline 10); cover 89-100; COV001"
    )
    assert (finding.location.path, finding.location.line) == ("src/a.py", 89)
    assert statuses(judgement) == {"src/a.py": Status.FELL, "src/b.py": Status.ROSE}


def test_removing_covered_code_alone_is_no_failure() -> None:
    judgement = verdict(measured(a=file(40, 10), b=file(100, 10)), WAS)
    assert codes(judgement) == []


def test_growing_with_a_better_share_is_no_failure() -> None:
    judgement = verdict(measured(a=file(300, 20), b=file(100, 10)), WAS)
    assert codes(judgement) == []


def test_removing_tests_fails_files_and_total() -> None:
    judgement = verdict(measured(a=file(100, 50), b=file(100, 10)), WAS)
    assert codes(judgement) == ["COV002", "COV001"]
    assert judgement.findings[0].message == (
        "total: 70.00 % covered, baseline 90.00 % (60 missed, baseline 20); cover 40 more statements; COV002"
    )


def test_a_share_that_fell_by_less_than_is_printed_still_fails() -> None:
    was = baseline(a=(100_000, 100))
    assert codes(verdict(measured(a=file(100_000, 101)), was)) == ["COV002", "COV001"]
    assert codes(verdict(measured(a=file(100_000, 100)), was)) == []


def test_a_new_file_has_its_own_minimum() -> None:
    was = baseline(a=(100, 50))
    assert codes(verdict(measured(a=file(100, 50), new=file(10, 2)), was)) == []
    judgement = verdict(measured(a=file(100, 50), new=file(10, 3)), was)
    assert codes(judgement) == ["COV003"]
    assert "new.py: 70.00 % covered, a new file needs 80 %; cover 8-10" in judgement.findings[0].message


def test_of_nothing_but_new_files_the_total_is_not_compared() -> None:
    judgement = verdict(measured(new=file(10, 2)), WAS, present=frozenset())
    assert codes(judgement) == []


def test_an_empty_new_file_passes() -> None:
    assert codes(verdict(measured(a=file(100, 10), b=file(100, 10), new=file(0)), WAS)) == []


def test_a_file_of_the_baseline_that_is_there_and_not_measured_fails() -> None:
    judgement = verdict(measured(a=file(100, 10)), WAS)
    assert codes(judgement) == ["COV004"]
    assert verdict(measured(a=file(100, 10)), WAS, present=frozenset({"src/a.py"})).findings == ()


def test_a_renamed_file_is_held_to_its_old_floor() -> None:
    renames = {"src/moved.py": "src/b.py"}
    around = {"present": frozenset({"src/a.py"}), "renames": renames}
    kept = verdict(measured(a=file(100, 10), moved=file(100, 10)), WAS, **around)
    assert codes(kept) == []
    assert next(kept.of(Status.HELD)).path == "src/a.py"
    fell = verdict(measured(a=file(100, 10), moved=file(100, 12)), WAS, **around)
    assert codes(fell) == ["COV002", "COV001"]
    assert next(fell.of(Status.FELL)).old_path == "src/b.py"


def test_a_row_whose_best_share_was_more_is_held_to_that() -> None:
    was = baseline(a=Row(Counts(50, 10), share(90, 100)))
    assert "COV001" in codes(verdict(measured(a=file(100, 20)), was))


def test_an_exception_holds_until_its_day_and_then_no_more() -> None:
    was = waived(baseline(a=(100, 10)), "src/a.py", Counts(100, 20), date(2026, 12, 31))
    now = measured(a=file(100, 20))
    on_the_day = verdict(now, was, today=date(2026, 12, 31))
    assert codes(on_the_day) == []
    assert on_the_day.notes == ("src/a.py: excepted until 2026-12-31: the importer goes in May",)
    after = verdict(now, was, today=date(2027, 1, 1))
    assert codes(after) == ["COV002", "COV001"]
    assert "its exception ended on 2026-12-31" in after.findings[1].message


def test_an_exception_allows_what_was_granted_and_nothing_worse() -> None:
    was = waived(baseline(a=(100, 10)), "src/a.py", Counts(100, 20), date(2026, 12, 31))
    assert codes(verdict(measured(a=file(100, 21)), was)) == ["COV002", "COV001"]


def test_an_exception_for_the_total_leaves_the_files_judged() -> None:
    was = waived(WAS, TOTAL, Counts(300, 60), date(2026, 12, 31))
    grown = measured(a=file(100, 10), b=file(100, 10), new=file(100, 20))
    assert codes(verdict(grown, WAS)) == ["COV002"]
    assert codes(verdict(grown, was)) == []
    assert "COV001" in codes(verdict(measured(a=file(100, 30), b=file(100, 10)), was))


def test_a_new_file_may_be_excepted_too() -> None:
    was = waived(baseline(a=(100, 50)), "src/new.py", Counts(10, 5), date(2026, 12, 31))
    assert codes(verdict(measured(a=file(100, 50), new=file(10, 5)), was)) == []


@pytest.mark.parametrize("strict", [False, True])
def test_another_environment_is_not_compared_and_says_so(strict: bool) -> None:
    older = msgspec.structs.replace(HERE, coverage="7.0.1")
    judgement = verdict(
        measured(a=file(100, 90)), baseline(older, a=(100, 0)), settings=settings(strict_env=strict)
    )
    assert codes(judgement) == ["COV090"]
    assert judgement.failed is strict
    assert "measured with coverage 7.17.3 instead of 7.0.1" in judgement.findings[0].message


def test_without_a_baseline_there_is_a_note_and_the_minimum_still_holds() -> None:
    judgement = verdict(measured(a=file(100, 90)), None, settings=settings(min=Decimal(40)))
    assert codes(judgement) == ["COV010"]
    assert "maint coverage init" in judgement.notes[0]


def test_89_50_percent_against_90_fails_and_is_said_once() -> None:
    judgement = verdict(measured(a=file(200, 21)), None, settings=settings(min=Decimal(90)))
    assert judgement.failed
    text = "\n".join(judgement.lines(200))
    assert text.count("89.50 %") == text.count("90 %") == 1
    assert (
        "89.50 % covered (179 of 200 statements), 90 % required (min); cover 1 more statement; COV010" in text
    )


@pytest.mark.parametrize(("least", "fails"), [("89.5", False), ("89.51", True), ("89.500001", True)])
def test_the_minimum_is_compared_without_rounding(least: str, fails: bool) -> None:
    judgement = verdict(measured(a=file(200, 21)), None, settings=settings(min=Decimal(least)))
    assert judgement.failed is fails


@pytest.mark.parametrize(
    ("day", "missing", "found"),
    [
        ("2026-10-31", 100, []),
        ("2026-11-01", 61, ["COV010"]),
        ("2026-11-30", 60, []),
        ("2026-12-01", 57, ["COV020"]),
        ("2026-12-14", 57, ["COV020"]),
        ("2026-12-15", 57, ["COV010"]),
        ("2026-12-15", 55, []),
    ],
)
def test_the_floor_is_that_of_the_day(day: str, missing: int, found: list[str]) -> None:
    judgement = verdict(
        measured(a=file(100, missing)), None, settings=settings(floor=SCHEDULE), today=date.fromisoformat(day)
    )
    assert codes(judgement) == found
    assert judgement.failed is ("COV010" in found)


def test_in_the_grace_period_it_says_how_many_are_short_and_until_when() -> None:
    judgement = verdict(
        measured(a=file(1000, 569)), None, settings=settings(floor=SCHEDULE), today=date(2026, 12, 3)
    )
    assert judgement.findings[0].message == (
        "total: 43.10 % covered (431 of 1,000 statements), the floor is 45 % since 2026-12-01; "
        "cover 19 more statements by 2026-12-14; COV020"
    )


def test_a_patch_is_judged_by_its_own_statements() -> None:
    changed = ChangedFile("src/a.py", statements=(3, 4, 7, 9), uncovered=(3, 4), measured=True)
    patch = Patch(ref="main", commit="c0ffee" * 6, files=(changed,))
    judgement = verdict(measured(a=file(100, 10), b=file(100, 10)), WAS, patch=patch)
    assert codes(judgement) == ["COV030"]
    assert judgement.findings[0].message == (
        "patch: 50.00 % of the statements changed since main (c0ffeec0ff) covered (2 of 4), 85 % required; "
        "cover src/a.py 3-4; COV030"
    )
    relaxed = settings(patch_min=Decimal(50))
    assert (
        codes(verdict(measured(a=file(100, 10), b=file(100, 10)), WAS, patch=patch, settings=relaxed)) == []
    )


def test_a_changed_file_that_was_not_measured_is_uncovered() -> None:
    changed = ChangedFile("src/new.py", statements=(1, 2), uncovered=(1, 2), measured=False)
    patch = Patch(ref="main", commit="c0ffee" * 6, files=(changed,))
    judgement = verdict(measured(a=file(100, 10), b=file(100, 10)), WAS, patch=patch)
    assert codes(judgement) == ["COV030", "COV031"]


def test_a_patch_without_statements_passes_and_says_so() -> None:
    patch = Patch(ref="main", commit="c0ffee" * 6, files=())
    judgement = verdict(measured(a=file(100, 10), b=file(100, 10)), WAS, patch=patch)
    assert judgement.notes == ("patch: no statement changed since main (c0ffeec0ff)",)


def test_the_tests_nearest_to_a_gap_are_named() -> None:
    contexts = {1: ("test_x.py::far|run",), 88: ("test_x.py::near|run", "test_x.py::near|setup")}
    fallen = msgspec.structs.replace(file(100, 12), contexts=contexts)
    judgement = verdict(measured(a=fallen), baseline(a=(100, 10)))
    assert judgement.findings[1].evidence["tests_nearby"] == ["test_x.py::near", "test_x.py::far"]


def test_branches_not_taken_are_named_where_their_line_ran() -> None:
    now = FileMeasure(
        counts=Counts(3, 1, 4, 3, 2),
        executed=(1, 2),
        missing=(3,),
        arcs=((1, 3), (2, -1), (3, 4)),
    )
    judgement = verdict(measured(a=now), baseline(a=(3, 0)))
    assert "cover 3, 2->exit; COV001" in judgement.findings[1].message


def test_the_total_and_the_worst_file_come_first() -> None:
    now = measured(a=file(100, 12), b=file(100, 50))
    settled = settings(min=Decimal(99))
    judgement = verdict(now, WAS, settings=settled)
    assert codes(judgement) == ["COV010", "COV002", "COV001", "COV001"]
    assert judgement.findings[2].location.path == "src/b.py"


@pytest.mark.parametrize("width", [20, 80, 200])
def test_the_terminal_gets_twenty_lines_at_most(width: int) -> None:
    names = [f"a_module_with_a_long_name_{number}" for number in range(60)]
    was = baseline(**dict.fromkeys(names, (100, 0)))
    judgement = verdict(measured(**dict.fromkeys(names, file(100, 50))), was)
    lines = judgement.lines(width)
    assert len(lines) <= TERMINAL_LINES
    assert lines[-1].endswith("more, in the report")


def test_a_path_cannot_write_to_the_terminal() -> None:
    judgement = verdict(measured(**{"\x1b[2J\n": file(10, 9)}), baseline(a=(1, 0)), present=frozenset())
    text = "\n".join(judgement.lines(200))
    assert "\x1b" not in text
    assert r"src/\x1b[2J\n.py" in text


def test_files_outside_the_project_count_in_the_total_alone() -> None:
    now = measured(a=file(100, 10), b=file(100, 10))
    outside = msgspec.structs.replace(now, files={**now.files, "/opt/x.py": file(100, 100)})
    judgement = verdict(outside, WAS)
    assert codes(judgement) == []
    assert judgement.total == Counts(300, 120)
