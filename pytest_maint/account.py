"""Findings of a guard on their way home: from the process that runs a test to the report of the session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import msgspec
import pytest

from maint.findings import Finding
from maint.report.cells import encodable, printable, shorten
from maint.report.documents import Run, own_version
from maint.report.section import Section
from pytest_maint.collector import collector
from pytest_maint.failure import GuardFailure, message_of
from pytest_maint.properties import take
from pytest_maint.scope import watch

_LINES = 20


class Told(msgspec.Struct, frozen=True):
    """What a phase of a test sends: ``failing`` failed it; it ``failed`` where it did so by itself."""

    findings: Sequence[Finding]
    failing: Sequence[Finding]
    failed: bool


class Attempt:
    """One attempt at one test, in the process that runs it: what was found, and what of it fails the test."""

    def __init__(self, node_id: str) -> None:
        self.node_id = node_id
        self.failed = False
        self.findings: list[Finding] = []
        self.failing: list[Finding] = []

    def add(self, finding: Finding, *, fails: bool) -> None:
        """Take over a finding; once, however often it is found."""
        if all(each.fingerprint != finding.fingerprint for each in self.findings):
            self.extend([finding], fails=fails)

    def extend(self, findings: Sequence[Finding], *, fails: bool) -> None:
        """Take over all: two listeners of one line are two ports to close."""
        self.findings += findings
        if fails:
            self.failing += findings

    def told(self, failing: Sequence[Finding]) -> Any:
        """What goes home, as plain data."""
        return msgspec.to_builtins(Told(self.findings, failing, self.failed))


class Account:
    """Lives in the controller only; a guard says in a subclass what is its own.

    ``key`` is the name under which `Attempt.told` travels, ``unjudged`` says why a test that failed by
    itself has no verdict.
    """

    guardrail: ClassVar[str]
    title: ClassVar[str]
    codes: ClassVar[tuple[str, ...]]
    key: ClassVar[str]
    unjudged: ClassVar[str]

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.findings: dict[str, Finding] = {}
        self.judged: dict[str, bool] = {}
        self.shown = set[str]()
        self._scope = watch(config)
        collector(config)

    # tryfirst: what is gathered is taken off the report before JUnit XML and others write it down.
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what a test sent; under xdist its failure has become text on the way."""
        for sent in take(report, self.key):
            self._take(msgspec.convert(sent, Told), report)

    def pytest_sessionfinish(self) -> None:
        """Hand over what was found, and who was looked at."""
        run = Run(
            guardrail=self.guardrail,
            version=own_version(),
            codes=self.codes,
            partial=encodable(self._scope.partial()),
            judged=tuple(encodable(name) for name, whole in self.judged.items() if whole),
            unjudged={encodable(name): self.unjudged for name, whole in self.judged.items() if not whole},
        )
        findings = tuple(self.findings.values())
        collector(self.config).add(Section(run=run, findings=findings, title=self.title))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The findings in a sentence each."""
        told = [each.message for each in self.spoken()]
        if not told:
            return
        terminalreporter.section(f"maint: {self.guardrail}")
        for line in told[:_LINES]:
            terminalreporter.write_line(shorten(printable(line), 400), yellow=True)
        if len(told) > _LINES:
            terminalreporter.write_line(f"and {len(told) - _LINES:,} more")

    def spoken(self) -> Iterable[Finding]:
        """Those that the summary tells."""
        return self.findings.values()

    def lines(self, finding: Finding) -> Sequence[str]:
        """Those to show of a finding that failed a test."""
        return message_of(finding)

    def _take(self, told: Told, report: pytest.TestReport) -> None:
        self.findings |= {each.fingerprint: each for each in told.findings}
        if report.when == "teardown":
            self.judged[report.nodeid] = not told.failed
        if report.failed:  # an attempt that is run again is among no failures
            self.shown |= {each.fingerprint for each in told.failing}
        if told.failing and report.when == "teardown":
            report.longrepr = GuardFailure(told.failing, self.lines)  # type: ignore[assignment]
