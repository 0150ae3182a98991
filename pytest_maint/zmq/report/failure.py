"""How findings of the guard fail a test: a sentence each, without a traceback of ours."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from maint.findings import Finding

PROPERTY = "maint_zmq"


def failing(findings: Sequence[Finding]) -> BaseException:
    """What fails a test when its last fixture is gone."""
    error = pytest.fail.Exception("\n".join(each.message for each in findings), pytrace=False)
    vars(error)[PROPERTY] = findings
    return error


def lines_of(finding: Finding) -> list[str]:
    """What happened, what to do, and where the threads were if that matters."""
    lines = [finding.message, finding.remedy]
    for thread, stack in finding.evidence.get("stacks", {}).items():
        lines += [f"thread {thread!r}:", *(f"  {line}" for line in stack)]
    return lines


def failed_by(error: BaseException | None) -> Sequence[Finding]:
    """The findings that `failing` put into ``error``; none where another error failed the test."""
    found: Sequence[Finding] = getattr(error, PROPERTY, ())
    return found


class GuardFailure:
    """The same in the shape that pytest's reporters and JUnit XML read."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = findings
        self.finding = findings[0]
        self.path = self.finding.location.path
        self.lineno = self.finding.location.line or 0

    @property
    def reprcrash(self) -> GuardFailure:
        """Where and what: read by the short summary and JUnit XML, for ``message`` alone."""
        return self

    @property
    def message(self) -> str:
        """Without its subject, which the line that shows it begins with."""
        return self.finding.message.partition(": ")[2]

    def toterminal(self, tw: pytest.TerminalReporter) -> None:
        """Write the failure section: what happened, what to do, and where the threads were."""
        for finding in self.findings:
            first, *rest = lines_of(finding)
            tw.line(first, red=True)
            for line in rest:
                tw.line(line)

    def __str__(self) -> str:
        return "\n".join(each.message for each in self.findings)
