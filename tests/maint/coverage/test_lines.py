"""The baseline's text: what is written is read back, and nothing else is taken for it."""

from __future__ import annotations

import string
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from maint.coverage.baseline import Baseline, Row, Waiver
from maint.coverage.counts import Counts, Ratio
from maint.coverage.environment import Environment
from maint.coverage.lines import HEADER, formatted, parse
from maint.errors import InputError

KEYS = st.sampled_from(["linux-cpython3.13-branch", "darwin-cpython3.11-line"])
PATHS = st.one_of(
    st.text(min_size=1, max_size=20),
    st.text(string.ascii_lowercase + "/._-", min_size=1, max_size=20),
    st.sampled_from(["src/ä b.py", "<<<<<<< ours", "@env", "# x", 'a"b', "=======", "a\nb.py", "\udce4.py"]),
)


@st.composite
def counts(draw: st.DrawFn) -> Counts:
    statements, branches = draw(st.integers(0, 500)), draw(st.integers(0, 100))
    missed = draw(st.integers(0, branches))
    return Counts(
        statements, draw(st.integers(0, statements)), branches, missed, draw(st.integers(0, missed))
    )


@st.composite
def rows(draw: st.DrawFn) -> Row:
    found, best = draw(counts()), draw(st.one_of(st.none(), st.tuples(st.integers(0, 99), st.just(100))))
    ratio = Ratio(*best) if best else None
    return Row(found, ratio if ratio and found.ratio.is_under(ratio) else None)


WAIVERS = st.builds(Waiver, path=PATHS, key=KEYS, counts=counts(), until=st.dates(), reason=st.text())
BASELINES = st.builds(
    Baseline,
    environments=st.lists(
        st.builds(Environment, KEYS, st.sampled_from(["7.10.6", "7.17.3a0"]), st.just("0badcafe")),
        unique_by=lambda one: one.key,
    ).map(lambda found: tuple(sorted(found))),
    rows=st.dictionaries(st.tuples(KEYS, PATHS), rows(), max_size=8),
    waivers=st.lists(WAIVERS, max_size=3, unique=True).map(tuple),
)


@given(BASELINES)
@example(Baseline())
def test_what_is_written_is_read_back(baseline: Baseline) -> None:
    text = formatted(baseline)
    found = parse(text, "coverage.txt")
    assert (found.environments, dict(found.rows)) == (baseline.environments, dict(baseline.rows))
    assert set(found.waivers) == set(baseline.waivers)
    assert formatted(found) == text


def test_a_line_stands_alone_and_lines_are_sorted() -> None:
    environment = Environment("linux-cpython3.13-branch", "7.17.3", "9f3a12ab")
    baseline = Baseline(
        environments=(environment,),
        rows={
            (environment.key, "src/b.py"): Row(Counts(100, 10), Ratio(95, 100)),
            (environment.key, "src/a.py"): Row(Counts(120, 7, 40, 5, 3)),
        },
        waivers=(
            Waiver(
                path="src/a.py",
                key=environment.key,
                counts=Counts(120, 9),
                until=date(2026, 12, 31),
                reason='a "legacy" importer',
            ),
        ),
    )
    assert formatted(baseline).splitlines() == [
        HEADER,
        "@env linux-cpython3.13-branch coverage=7.17.3 exclusions=9f3a12ab",
        "@lower src/a.py linux-cpython3.13-branch s=120 m=9 until=2026-12-31 "
        r'reason="a \"legacy\" importer"',
        "src/a.py linux-cpython3.13-branch s=120 m=7 b=40 mb=5 p=3",
        "src/b.py linux-cpython3.13-branch s=100 m=10 best=95/100",
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("src/a.py", "is no line"),
        ("src/a.py linux s=10", "is no line"),
        ("src/a.py linux s=10 m=11", "misses more than there is"),
        ("src/a.py linux s=10 m=1 b=2 mb=3 p=0", "misses more than there is"),
        ("src/a.py linux s=10 m=1 best=3/2", "covers more than there is"),
        ("src/a.py linux s=" + "9" * 5000 + " m=1", "is no line"),
        ('"src/a linux s=10 m=1', "is no line"),
        ('@lower src/a.py linux s=10 m=1 until=2026-02-30 reason="x"', "day is out of range"),
        ("@lower src/a.py linux s=10 m=1 until=2026-02-20 reason=x", "Expecting value"),
        ("@lower src/a.py linux s=10 m=1 until=2026-02-20 reason=7", "its reason is no string"),
        ("\x1b[31mred", "is no line"),
    ],
)
def test_anything_else_is_refused_with_its_line_number(line: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as caught:
        parse(f"{HEADER}\n\n{line}\n", "coverage.txt")
    assert str(caught.value).startswith("coverage.txt:3: ")
    assert "\x1b" not in str(caught.value)


def test_of_several_lines_for_one_file_the_higher_share_and_the_fewer_misses_hold() -> None:
    text = "a.py k s=100 m=5\na.py k s=200 m=8\na.py k s=50 m=40\n"
    (row,) = parse(text, "x").rows.values()
    assert (row.floor, row.counts.misses) == (Ratio(192, 200), 5)


def test_a_conflict_counts_both_sides_and_not_the_ancestor() -> None:
    text = (
        "<<<<<<< HEAD\na.py k s=100 m=5\n||||||| 1234567\na.py k s=100 m=0\nb.py k s=9 m=0\n"
        "=======\na.py k s=100 m=7\n>>>>>>> topic/x\nc.py k s=1 m=1\n"
    )
    assert {path: row.counts.missing for (_, path), row in parse(text, "x").rows.items()} == {
        "a.py": 5,
        "c.py": 1,
    }


def test_windows_line_ends_are_read() -> None:
    assert parse(f"{HEADER}\r\na.py k s=1 m=0\r\n", "x").rows == {("k", "a.py"): Row(Counts(1, 0))}
