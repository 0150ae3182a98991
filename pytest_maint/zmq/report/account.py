"""The guard's part of the report: findings of all processes, judged where the session ends."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from maint.findings import Finding
from maint.report.cells import encodable, printable, shorten
from maint.report.command_line import masked
from maint.report.documents import Run, own_version
from maint.report.section import Section
from maint.rules.zmq import RULES
from pytest_maint.collector import collector
from pytest_maint.failure import GuardFailure
from pytest_maint.options import settings
from pytest_maint.scope import watch

from .failure import PROPERTY, lines_of

CODES = (*(rule.code for rule in RULES), "PORT014")  # the port guard's, which a remapped test can raise
_LINES = 20
_FAILED = "it failed, so what it left open is not judged"


class Account:
    """Lives in the controller only."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._scope = watch(config)
        collector(config)
        self._findings: dict[str, Finding] = {}
        self._judged: dict[str, bool] = {}

    # tryfirst: what is gathered is taken off the report before JUnit XML and others write it down.
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what a guarded test sent; under xdist its failure has become text on the way."""
        properties: list[tuple[str, Any]] = report.user_properties
        told = next((value for name, value in properties if name == PROPERTY), None)
        if told is None:
            return
        report.user_properties = [pair for pair in properties if pair[0] != PROPERTY]
        findings = msgspec.convert(told["findings"], list[Finding])
        self._findings |= {each.fingerprint: each for each in findings}
        self._judged[report.nodeid] = not told["failed"]
        failing = msgspec.convert(told["failing"], list[Finding])
        if failing:
            report.longrepr = GuardFailure(failing, lines_of)  # type: ignore[assignment]

    def pytest_sessionfinish(self) -> None:
        """Hand over, where a report was asked for or there is something to report."""
        chosen = settings(self._config)
        if self._findings or chosen["zmq.enabled"] or (chosen["report.enabled"] and self._judged):
            run = Run(
                guardrail="zmq",
                version=own_version(),
                codes=CODES,
                partial=encodable(self._scope.partial()),
                command=encodable(" ".join(("pytest", *masked(list(map(str, self._arguments())))))),
                judged=tuple(encodable(name) for name, whole in self._judged.items() if whole),
                unjudged={encodable(name): _FAILED for name, whole in self._judged.items() if not whole},
            )
            findings = tuple(self._findings.values())
            collector(self._config).add(Section(run=run, findings=findings, title="ZeroMQ"))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The findings, also those that failed no test."""
        if not self._findings:
            return
        terminalreporter.section("maint: zmq")
        told = [each.message for each in self._findings.values()]
        for line in told[:_LINES]:
            terminalreporter.write_line(shorten(printable(line), 400), yellow=True)
        if len(told) > _LINES:
            terminalreporter.write_line(f"and {len(told) - _LINES:,} more")

    def _arguments(self) -> tuple[Any, ...]:
        return tuple(self._config.invocation_params.args)
