"""Findings on a terminal: by severity, then by file, and a line that counts them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from maint.report.cells import printable
from maint.report.listing import all_findings, heading, scope, spoken, what, where
from maint.report.section import Section


def report_lines(sections: Sequence[Section]) -> list[str]:
    """``path:line:column: CODE message`` under a line for each severity, worst first; then the count."""
    return [*_findings(sections), *_partial(sections), _count(sections)]


def _findings(sections: Sequence[Section]) -> Iterator[str]:
    for severity, group in groupby(all_findings(sections), key=lambda finding: finding.severity):
        yield str(severity)
        for finding in group:
            place = where(finding)
            yield f"  {place}{': ' * bool(place)}{printable(finding.code)} {what(finding)}"
        yield ""


def _partial(sections: Sequence[Section]) -> Iterator[str]:
    for section in sections:
        if section.run.partial:
            yield f"{heading(section)}: {scope(section.run)}"


def _count(sections: Sequence[Section]) -> str:
    names = ", ".join(dict.fromkeys(printable(section.run.guardrail) for section in sections))
    return f"{spoken(sections)} ({names})" if names else spoken(sections)
