"""Findings as every report lists them: worst first, then by place, with one headline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from maint.findings import Finding, Severity
from maint.report.cells import printable, shorten
from maint.report.documents import Run
from maint.report.section import Section

_RANKS = {severity: rank for rank, severity in enumerate(Severity)}
_SIGNS = {
    Severity.CRITICAL: "✕",
    Severity.HIGH: "▲",
    Severity.MEDIUM: "△",
    Severity.LOW: "○",
    Severity.INFO: "·",
}


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Sorted by severity, then path, line, column, node id and code."""
    return sorted(findings, key=_order)


def all_findings(sections: Iterable[Section]) -> list[Finding]:
    """Every finding of a report, worst first."""
    return worst_first(finding for section in sections for finding in section.findings)


def headline(findings: Iterable[Finding]) -> str:
    """``2 critical, 14 high``, or ``no findings``."""
    counts = Counter(finding.severity for finding in findings)
    return ", ".join(f"{counts[s]:,} {s}" for s in Severity if counts[s]) or "no findings"


def sign(severity: Severity) -> str:
    """One character that tells severities apart without colour."""
    return _SIGNS[severity]


def where(finding: Finding) -> str:
    """``path:line:column`` as far as known, else the node id; one line."""
    place = finding.location
    if not place.path:
        return printable(place.node_id or "")
    numbers = [place.line, place.column if place.line else None]
    return ":".join((printable(place.path), *(str(number) for number in numbers if number)))


def what(finding: Finding, limit: int = 500) -> str:
    """The message on one line, without the code at its end: reports show that beside it."""
    first = finding.message.strip().removesuffix(f"; {finding.code}")
    return shorten(printable(" ".join(first.split())), limit)


def scope(run: Run) -> str:
    """How much a run looked at: ``everything``, or why not."""
    return f"partial: {printable(run.partial)}" if run.partial else "everything"


def heading(section: Section) -> str:
    """What a section is called."""
    return printable(section.title) or section.run.guardrail.capitalize()


def spoken(sections: Sequence[Section]) -> str:
    """The headline of a whole report."""
    return headline(finding for section in sections for finding in section.findings)


def _order(finding: Finding) -> tuple[int, str, int, int, str, str]:
    place = finding.location
    return (
        _RANKS[finding.severity],
        place.path or "",
        place.line or 0,
        place.column or 0,
        place.node_id or "",
        finding.code,
    )
