"""Findings of a guard as what failed a test: a sentence each, without a traceback of ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from maint.findings import Finding


def message_of(finding: Finding) -> list[str]:
    """The message alone."""
    return [finding.message]


class GuardFailure:
    """In the shape that pytest's reporters and JUnit XML read; ``lines`` are those to show of a finding."""

    def __init__(
        self, findings: Sequence[Finding], lines: Callable[[Finding], Sequence[str]] = message_of
    ) -> None:
        self.findings = findings
        self.finding = findings[0]
        self.path = self.finding.location.path
        self.lineno = self.finding.location.line or 0
        self._lines = lines

    @property
    def reprcrash(self) -> GuardFailure:
        """Where and what: read by the short summary and JUnit XML, for ``message`` alone."""
        return self

    @property
    def message(self) -> str:
        """Without its subject, which the line that shows it begins with."""
        return self.finding.message.partition(": ")[2]

    def toterminal(self, tw: pytest.TerminalReporter) -> None:
        """Write the failure section, the first line of each finding in red."""
        for finding in self.findings:
            first, *rest = self._lines(finding)
            tw.line(first, red=True)
            for line in rest:
                tw.line(line)

    def __str__(self) -> str:
        return "\n".join(each.message for each in self.findings)
