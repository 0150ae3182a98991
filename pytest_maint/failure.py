"""What a guard fails a test with: a sentence a finding or mistake, told once, without a traceback of ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import pytest

from maint.findings import Finding

_OWN = "maint_own"
_Failed = TypeVar("_Failed", BaseException, pytest.TestReport)


def own(failed: _Failed) -> _Failed:
    """Mark an exception or a report as the verdict of a guard, which has its one finding."""
    vars(failed)[_OWN] = True
    return failed


def is_own(error: BaseException | None, report: pytest.TestReport) -> bool:
    """Whether a guard's verdict failed this phase; the mark is taken off the report, which travels."""
    marked = report.__dict__.pop(_OWN, False)
    return bool(marked or getattr(error, _OWN, False))


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


def refuse(config: pytest.Config, problems: Mapping[pytest.Item, str]) -> None:
    """Stop the session for tests that cannot be run as they ask; UsageError has each sentence once.

    A worker of xdist would die of that without a word: there each of the tests fails with its sentence.
    """
    if not problems:
        return
    if not hasattr(config, "workerinput"):
        raise pytest.UsageError("\n".join(dict.fromkeys(problems.values())))
    config.pluginmanager.register(_Refused(problems))


class _Refused:
    def __init__(self, problems: Mapping[pytest.Item, str]) -> None:
        self._problems = problems

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """After it is known that the test is not skipped, and before its first fixture."""
        if item in self._problems:
            pytest.fail(self._problems[item], pytrace=False)
