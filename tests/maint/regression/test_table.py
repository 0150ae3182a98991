from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from maint.regression.comparison import Comparison, Row, Side, Verdict
from maint.regression.table import table_lines
from maint.report.cells import display_width

WHOLE = """\
benchmark             main     head  change (95 % CI)    verdict
test_parse[large]  11.9 ms  15.6 ms  +31 % (+29 .. +33)  CRITICAL
test_balance             -        -      -               HEAD_ERROR
test_leak                -        -      -               INVALID
test_render        2.31 ms  2.61 ms  +13 % (+11 .. +15)  WARNING
test_fetch         11.9 ms  13.4 ms  +13 % (-1 .. +27)   INCONCLUSIVE
test_old                 -        -      -               BASE_ERROR
test_insert        11.9 ms  9.23 ms  -22 % (-24 .. -20)  IMPROVED
test_parse[small]  21.0 µs  21.3 µs   +1 % (-1 .. +3)    PASS
test_lookup         840 ns   837 ns   -0 % (-2 .. +2)    PASS
test_walk          11.9 ms  11.9 ms   +0 % (-2 .. +2)    PASS
test_depth               -        -      -               PASS
test_new                 -  1.30 ms      -               NEW
test_gone                -        -      -               REMOVED
  test_balance: the worker was killed by SIGSEGV
  test_leak: package.tree was imported from head's tree
  test_fetch: about 40 s more would settle it
  test_old: ZeroDivisionError
  test_walk: result differs: 812, 813
  test_depth: unaffected
  test_new: main lacks codec
  deps: head's
1 critical, 1 head error, 1 invalid, 1 warning, 1 inconclusive, 1 base error, 1 improved, 4 passed, 1 new, 1 removed in 24 s
"""  # noqa: E501 - the closing line is one line


def shown(comparison: Comparison, width: int = 100) -> str:
    return "".join(f"{line}\n" for line, _ in table_lines(comparison, width))


def test_the_whole_table_reads_as_promised(ordinary: Comparison) -> None:
    assert shown(ordinary) == WHOLE


def sorted_verdicts(comparison: Comparison) -> list[Verdict]:
    return sorted((row.status for row in comparison.benchmarks), key=list(Verdict).index)


def test_each_row_carries_its_verdict_and_other_lines_none(ordinary: Comparison) -> None:
    lines = table_lines(ordinary)
    assert lines[0][1] is None
    assert lines[-1][1] is None
    assert [verdict for _, verdict in lines[1:14]] == sorted_verdicts(ordinary)


@pytest.mark.parametrize("width", [60, 72, 80, 200])
def test_names_are_cut_to_the_width_and_numbers_never(ordinary: Comparison, width: int) -> None:
    long = msgspec.structs.replace(ordinary.benchmarks[1], name=f"tests/test_a.py::test_parse[{'x' * 300}]")
    comparison = msgspec.structs.replace(ordinary, benchmarks=(long, *ordinary.benchmarks))
    row = next(line for line, _ in table_lines(comparison, width) if "…" in line)
    assert display_width(row) <= max(width, 75)
    assert "11.9 ms" in row
    assert row.endswith("CRITICAL")


def test_text_from_outside_stays_on_its_line(hostile: Comparison) -> None:
    lines = [line for line, _ in table_lines(hostile, 100)]
    assert all(line.isprintable() or "\u200d" in line for line in lines)
    assert not any(line.startswith("::") and "error" in line for line in lines)
    assert all("\n" not in line and "\x1b" not in line for line in lines)


def test_a_remark_that_many_share_is_said_once(comparison_of: Callable[..., Comparison]) -> None:
    rows = [Row(name=f"a.py::test_{n}", status=Verdict.PASS, reason="unaffected") for n in range(50)]
    said = [line for line, _ in table_lines(comparison_of(*rows)) if "unaffected" in line]
    assert said == ["  test_0, test_1 and 48 more: unaffected"]


def test_a_change_that_rounds_onto_a_threshold_shows_a_decimal(
    comparison_of: Callable[..., Comparison], measured_row: Callable[..., Row]
) -> None:
    text = shown(
        comparison_of(
            measured_row("a.py::test_below", Verdict.PASS, 9.7, half_width=0.8),
            measured_row("a.py::test_above", Verdict.WARNING, 10.2, half_width=0.8),
            measured_row("a.py::test_far", Verdict.WARNING, 18.2),
        )
    )
    assert "+9.7 % (+8.9 .. +10.5)" in text
    assert "+10.2 % (+9.4 .. +11.0)" in text
    assert "+18 % (" in text


def test_names_that_would_look_alike_are_not_cut(comparison_of: Callable[..., Comparison]) -> None:
    names = [f"a.py::test_structure_homogeneous[{kind}-BaseConverter]" for kind in ("x" * 30, "y" * 30)]
    lines = shown(comparison_of(*(Row(name=name, status=Verdict.PASS) for name in names)), 60).splitlines()
    assert [line.split()[0] for line in lines[1:3]] == [name.partition("::")[2] for name in names]


def test_a_baseline_called_head_is_not_mistaken_for_head(comparison_of: Callable[..., Comparison]) -> None:
    comparison = comparison_of(Row(name="a.py::test_a", status=Verdict.PASS))
    baseline = msgspec.structs.replace(comparison.baseline, ref="HEAD")
    header = shown(msgspec.structs.replace(comparison, baseline=baseline)).splitlines()[0]
    assert header.split()[:3] == ["benchmark", "baseline", "head"]


def test_a_long_baseline_name_is_cut(ordinary: Comparison) -> None:
    side = Side("origin/feature/faster-parsing-of-everything", "9f8e")
    head = shown(msgspec.structs.replace(ordinary, baseline=side)).splitlines()[0]
    assert "origin…thing" in head


def test_a_self_test_shows_the_noise_floor_instead_of_verdicts(ordinary: Comparison) -> None:
    lines = shown(msgspec.structs.replace(ordinary, mode="selftest")).splitlines()
    assert lines[0].split() == ["benchmark", "per", "call", "clock", "noise", "floor", "blocks"]
    assert lines[1].split() == ["test_fetch", "11.9", "ms", "wall", "±14.2", "%", "4"]
    assert not any("CRITICAL" in line for line in lines)
    assert lines[-1] == "noise floor of 7 benchmarks: median ±2.0 %, worst ±14.2 % in 24 s"


def test_nothing_to_compare_is_said(comparison_of: Callable[..., Comparison]) -> None:
    assert table_lines(comparison_of()) == [("no benchmarks compared in 24 s", None)]
    selftest = comparison_of(mode="selftest")
    assert table_lines(selftest) == [("noise floor: nothing measured in 24 s", None)]


def test_counts_are_in_the_plural_where_it_differs(
    comparison_of: Callable[..., Comparison], measured_row: Callable[..., Row]
) -> None:
    rows = [measured_row(f"a.py::test_{n}", Verdict.WARNING, 15.0) for n in range(2)]
    assert shown(comparison_of(*rows)).splitlines()[-1] == "2 warnings in 24 s"
