from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from maint.findings import Location, Severity
from maint.regression.comparison import Comparison, Row, Side, Thresholds, Verdict
from maint.regression.findings import findings_of
from maint.rules.table import RULES


def test_each_verdict_that_fell_short_is_a_finding_with_its_rule(ordinary: Comparison) -> None:
    found = findings_of(ordinary)
    assert [finding.code for finding in found] == [
        "BEN001",
        "BEN006",
        "BEN004",
        "BEN002",
        "BEN003",
        "BEN005",
        "BEN007",
    ]
    for finding in found:
        assert finding.severity == RULES[finding.code].severity
        assert finding.remedy == RULES[finding.code].remedy
        assert finding.message.endswith(f"; {finding.code}")


def test_messages_have_both_numbers_the_interval_and_the_threshold(measured_row: Callable[..., Row]) -> None:
    row = measured_row("t/a.py::test_parse", Verdict.WARNING, 19.3, half_width=3.0, base_s=0.0119)
    assert message_of(row) == (
        "test_parse: 14.2 ms, main 11.9 ms (+19 %, 95 % CI +16..+22, allowed +10 %); BEN002"
    )


def message_of(row: Row) -> str:
    comparison = Comparison(
        baseline=Side("main", "9f"),
        head=Side("HEAD", "1a"),
        thresholds=Thresholds(),
        environment={},
        elapsed_s=1.0,
        benchmarks=(row,),
    )
    (finding,) = findings_of(comparison)
    return finding.message


def test_a_critical_finding_quotes_the_threshold_it_crossed(measured_row: Callable[..., Row]) -> None:
    own = Thresholds(warning=0.05, critical=0.125)
    row = measured_row("t/a.py::test_x", Verdict.CRITICAL, 31.0, thresholds=own)
    assert "allowed +12.5 %" in message_of(row)


def test_what_was_not_settled_or_failed_says_why() -> None:
    row = Row(name="t/a.py::test_x", status=Verdict.HEAD_ERROR, reason="killed by\n  SIGSEGV")
    assert message_of(row) == "test_x: killed by SIGSEGV; BEN004"
    silent = Row(name="t/a.py::test_x", status=Verdict.BASE_ERROR)
    assert message_of(silent) == f"test_x: {RULES['BEN005'].summary}; BEN005"


def test_a_different_result_is_a_finding_of_its_own(
    comparison_of: Callable[..., Comparison], measured_row: Callable[..., Row]
) -> None:
    row = measured_row("t/a.py::test_x", Verdict.CRITICAL, 31.0, notes=("result differs: 1, 2", "slow disk"))
    found = findings_of(comparison_of(row))
    assert [(f.code, f.severity) for f in found] == [("BEN001", Severity.CRITICAL), ("BEN007", Severity.INFO)]
    assert found[1].message == "test_x: result differs: 1, 2; BEN007"


@pytest.mark.parametrize("verdict", [Verdict.CRITICAL, Verdict.WARNING, Verdict.INCONCLUSIVE])
def test_fingerprints_survive_reruns_other_benchmarks_and_line_moves(
    comparison_of: Callable[..., Comparison], measured_row: Callable[..., Row], verdict: Verdict
) -> None:
    name = "t/a.py::test_x[10]"
    (first,) = findings_of(
        comparison_of(measured_row(name, verdict, 31.0)), {name: Location(path="t/a.py", line=3)}
    )
    later = comparison_of(
        measured_row(name, verdict, 35.7, base_s=0.4),
        measured_row("t/b.py::test_x[10]", Verdict.PASS, 0.0),
        elapsed_s=99.0,
    )
    (second,) = findings_of(later, {name: Location(path="t/a.py", line=30)})
    assert first.fingerprint == second.fingerprint
    assert first.title == second.title
    assert first.message != second.message


def test_fingerprints_tell_benchmarks_apart(
    comparison_of: Callable[..., Comparison], measured_row: Callable[..., Row]
) -> None:
    names = [f"t/{file}.py::{place}test_x[{n}]" for file in "ab" for place in ("", "C::") for n in (1, 2)]
    found = findings_of(comparison_of(*(measured_row(name, Verdict.CRITICAL, 31.0) for name in names)))
    assert len({finding.fingerprint for finding in found}) == len(names)


def test_places_come_from_the_caller_and_else_from_the_node_id(
    comparison_of: Callable[..., Comparison], measured_row: Callable[..., Row]
) -> None:
    name = "t/a.py::test_x"
    comparison = comparison_of(measured_row(name, Verdict.CRITICAL, 31.0))
    (known,) = findings_of(comparison, {name: Location(path="t/a.py", line=3, column=1)})
    (unknown,) = findings_of(comparison)
    assert known.location == Location(path="t/a.py", line=3, column=1, node_id=name)
    assert unknown.location == Location(path="t/a.py", node_id=name)


def test_a_self_test_has_no_findings_of_speed(ordinary: Comparison) -> None:
    found = findings_of(msgspec.structs.replace(ordinary, mode="selftest"))
    assert [finding.code for finding in found] == ["BEN006", "BEN004", "BEN005", "BEN007"]


def test_hostile_names_give_short_printable_findings(hostile: Comparison) -> None:
    for finding in findings_of(hostile):
        assert finding.message.encode()
        assert len(finding.title) < 250
        assert not set(finding.message) & set("\n\r\x1b\x00\u202e")
        msgspec.json.encode(finding)
