"""What a comparison says as findings: BEN001 to BEN007 of the rules table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from maint.findings import Finding, Location, Severity
from maint.regression.comparison import RESULT_DIFFERS, Comparison, Row, Verdict
from maint.regression.naming import within_file
from maint.regression.wording import baseline_label, measured, numbers, one_line
from maint.report.cells import encodable, printable, shorten
from maint.rules.table import RULES

CODES = {
    Verdict.CRITICAL: "BEN001",
    Verdict.WARNING: "BEN002",
    Verdict.INCONCLUSIVE: "BEN003",
    Verdict.HEAD_ERROR: "BEN004",
    Verdict.BASE_ERROR: "BEN005",
    Verdict.INVALID: "BEN006",
}
# Titles are part of the fingerprint: no time, no percentage, no name of the baseline.
_TITLES = {
    "BEN001": "slower than the critical threshold allows",
    "BEN002": "slower than the warning threshold allows",
    "BEN003": "not settled whether it got slower",
    "BEN004": "fails on head",
    "BEN005": "fails on the baseline only",
    "BEN006": "code of the other tree was imported",
    "BEN007": "returns another result than the baseline",
}
_OF_SPEED = frozenset({"BEN001", "BEN002", "BEN003"})
_OUTPUT_KEPT = 4000
_NOWHERE: Mapping[str, Location] = MappingProxyType({})


def findings_of(comparison: Comparison, locations: Mapping[str, Location] = _NOWHERE) -> list[Finding]:
    """Return the findings of ``comparison``, most severe first and in file order within a severity.

    ``locations`` maps node ids to where their functions are; without an entry, the node id's file is used.
    A self-test compares a tree with itself, so what it says of speed is noise and no finding.
    """
    found: list[Finding] = []
    for row in comparison.benchmarks:
        name = encodable(row.name)
        place = locations.get(row.name) or Location(path=name.partition("::")[0] or None)
        place = msgspec.structs.replace(place, node_id=name)
        found += [_finding(comparison, row, place, *said) for said in _said(comparison, row)]
    if comparison.mode == "selftest":
        found = [finding for finding in found if finding.code not in _OF_SPEED]
    return sorted(found, key=lambda finding: list(Severity).index(finding.severity))


def _said(comparison: Comparison, row: Row) -> Iterable[tuple[str, str]]:
    if code := CODES.get(row.status):
        yield code, _what_happened(comparison, row)
    for note in row.notes:
        if note.startswith(RESULT_DIFFERS):
            yield "BEN007", one_line(note)


def _what_happened(comparison: Comparison, row: Row) -> str:
    said = [numbers(row, baseline_label(comparison))] if measured(row) else []
    if row.status not in (Verdict.CRITICAL, Verdict.WARNING) or not said:
        said.append(one_line(row.reason) or RULES[CODES[row.status]].summary)
    return "; ".join(said)


def _finding(comparison: Comparison, row: Row, place: Location, code: str, happened: str) -> Finding:
    rule = RULES[code]
    subject = printable(within_file(row.name))
    return Finding(
        code=code,
        severity=Severity(rule.severity),
        category="performance" if code in _OF_SPEED else "benchmark",
        title=f"{shorten(subject, 120)}: {_TITLES[code]}",
        message=f"{shorten(subject, 200)}: {happened}; {code}",
        location=place,
        remedy=rule.remedy,
        evidence=_evidence(comparison, row),
    )


def _evidence(comparison: Comparison, row: Row) -> dict[str, Any]:
    evidence: dict[str, Any] = {
        "verdict": str(row.status),
        "change_pct": row.change_pct,
        "ci_pct": row.ci_pct,
        "baseline_s": row.baseline_s,
        "head_s": row.head_s,
        "clock": row.clock,
        "blocks": row.blocks,
        "pairs": row.pairs,
        "warning": row.thresholds.warning,
        "critical": row.thresholds.critical,
        "baseline_commit": comparison.baseline.commit,
        "head_commit": comparison.head.commit,
        "reason": encodable(row.reason),
        "output": encodable(row.output[-_OUTPUT_KEPT:]),
    }
    return {name: value for name, value in evidence.items() if value not in (None, "")}
