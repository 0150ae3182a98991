"""The guard's part of the report: findings of all processes, handed over where the session ends."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from maint.findings import Finding
from maint.report.cells import encodable, printable, shorten
from maint.report.command_line import masked
from maint.report.documents import Run, own_version
from maint.report.section import Section
from pytest_maint.collector import collector
from pytest_maint.failure import GuardFailure
from pytest_maint.scope import watch

from .findings import CODES
from .verdict import PROPERTY

_LINES = 20
_FAILED = "it failed, so what it left listening is not judged"


class Account:
    """Lives in the controller only."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._scope = watch(config)
        collector(config)
        self._findings: dict[str, Finding] = {}
        self._judged: dict[str, bool] = {}
        self._shown = set[str]()

    # tryfirst: what is gathered is taken off the report before JUnit XML and others write it down.
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what a test sent; under xdist its failure has become text on the way."""
        properties: list[tuple[str, Any]] = report.user_properties
        told = next((value for name, value in properties if name == PROPERTY), None)
        if told is None:
            return
        report.user_properties = [pair for pair in properties if pair[0] != PROPERTY]
        findings = msgspec.convert(told["findings"], list[Finding])
        self._findings |= {each.fingerprint: each for each in findings}
        if report.when == "teardown":
            self._judged[report.nodeid] = not told["failed"]
        failing = msgspec.convert(told["failing"], list[Finding])
        self._shown |= {each.fingerprint for each in failing}
        if failing and report.when == "teardown":
            report.longrepr = GuardFailure(failing)  # type: ignore[assignment]

    def pytest_sessionfinish(self) -> None:
        """Hand over what was found, and who was looked at."""
        arguments = masked([str(one) for one in self._config.invocation_params.args])
        run = Run(
            guardrail="ports",
            version=own_version(),
            codes=CODES,
            partial=encodable(self._scope.partial()),
            command=encodable(" ".join(("pytest", *arguments))),
            judged=tuple(encodable(name) for name, whole in self._judged.items() if whole),
            unjudged={encodable(name): _FAILED for name, whole in self._judged.items() if not whole},
        )
        findings = tuple(self._findings.values())
        collector(self._config).add(Section(run=run, findings=findings, title="Ports"))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The findings that failed no test; the others are among the failures."""
        told = [each.message for key, each in self._findings.items() if key not in self._shown]
        if not told:
            return
        terminalreporter.section("maint: ports")
        for line in told[:_LINES]:
            terminalreporter.write_line(shorten(printable(line), 400), yellow=True)
        if len(told) > _LINES:
            terminalreporter.write_line(f"and {len(told) - _LINES:,} more")
