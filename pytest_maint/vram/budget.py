"""The hooks of ``vram_budget``: measure in the process that runs the test, judge there, report once."""

from __future__ import annotations

from collections.abc import Generator
from types import TracebackType

import pytest

from maint.report.cells import counted, printable
from pytest_maint.collector import collector
from pytest_maint.failure import own
from pytest_maint.options import settings
from pytest_maint.properties import take
from pytest_maint.scope import Scope, watch

from . import admission, metrics, trial
from .driver import Driver
from .findings import PROPERTY, Outcome, section
from .request import request_of

_LINES = 10


def activate(config: pytest.Config) -> None:
    """Wake budgets of GPU memory in this session; with ``--maint-vram=off`` they sleep on."""
    mode = settings(config)["vram.mode"]
    runs_tests = hasattr(config, "workerinput") or config.getoption("dist", "no") == "no"
    guard = Guard(mode) if runs_tests and mode != "off" else object()
    config.pluginmanager.register(guard, "maint-vram")
    if mode == "off":
        return
    if runs_tests:
        admission.activate(config)
    if not hasattr(config, "workerinput"):
        collector(config)
        config.pluginmanager.register(Budgets(config, mode, watch(config)), "maint-vram-account")
        metrics.activate(config, watch(config))


class Guard:
    """Lives wherever tests run."""

    def __init__(self, mode: str) -> None:
        self._mode = mode
        self._failures: list[TracebackType] = []
        self._running: pytest.Item | None = None
        self.driver = Driver()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """A marker that says nothing sensible is worth no test run."""
        problems = []
        for item in session.items:
            try:
                request_of(item)
            except pytest.UsageError as error:
                problems.append(str(error))
        if problems:
            raise pytest.UsageError("\n".join(dict.fromkeys(problems)))

    # Before the first fixture: those of every scope that are set up for this test count. But not first: what
    # is skipped by a marker is not measured.
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Begin to measure; skip or fail where there is nothing to measure with."""
        if self._failures:
            trial.let_go(self._failures)
        request = request_of(item)
        if request is None:
            return
        if request.problem:
            pytest.fail(request.problem, pytrace=False)
        self._running = item
        trial.begin(item, request, self.driver)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Enforce, where the allocator only came into use in a fixture."""
        trial.enforce(item)
        return (yield)

    # Inside of those that give the report away, outside of those that still change its outcome.
    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Judge when the last fixture is torn down."""
        report = yield
        if call.excinfo is not None:
            self._failures.append(call.excinfo.tb)
        if report.when != "teardown":
            trial.note(item, report, call)
            return report
        outcome = trial.end(item, self.driver, passed=report.passed)
        self._running = None
        if outcome is not None:
            report.user_properties.append((PROPERTY, outcome.told()))
            if self._mode == "check" and outcome.failing and report.passed:
                report.outcome = "failed"
                report.longrepr = outcome.text
                own(report)
        return report

    def pytest_unconfigure(self) -> None:
        """Let go of the driver, and of the test that an interrupt ended."""
        if self._running is not None:
            trial.abandon(self._running)
        self._failures.clear()
        self.driver.close()


class Budgets:
    """Lives in the controller, and in a session without workers."""

    def __init__(self, config: pytest.Config, mode: str, scope: Scope) -> None:
        self._config = config
        self._mode = mode
        self._scope = scope
        self._outcomes: dict[str, Outcome] = {}

    # tryfirst: what travelled here is no property of the test for others.
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """What became of a test; of its last run where it was run again."""
        for told in take(report, PROPERTY):
            self._outcomes[report.nodeid] = Outcome.read(told)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """A test over its budget has failed; that this came out at its tear-down makes it no error."""
        if report.when == "teardown" and report.failed and report.nodeid in self._outcomes:
            outcome = self._outcomes[report.nodeid]
            if outcome.failing and report.longrepr == outcome.text:
                return "failed", "F", "FAILED"
        return None

    def pytest_sessionfinish(self) -> None:
        """Hand the findings over to the report."""
        part = section(list(self._outcomes.values()), partial=self._scope.partial())
        collector(self._config).add(part)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """How many were judged, who was not and why, and in report mode what each used."""
        outcomes = list(self._outcomes.values())
        if not outcomes:
            return
        terminalreporter.write_sep("=", "maint: vram")
        judged = [one for one in outcomes if one.judged]
        over = sum(one.status == "over" for one in outcomes)
        said = f"{counted(len(judged), 'test')} judged, {over} over budget"
        terminalreporter.write_line(f"{said}, {len(outcomes) - len(judged)} not judged")
        lines = [one.headline for one in outcomes if self._mode == "report" or one.status == "unjudged"]
        lines += [one.unsearched for one in outcomes if one.unsearched]
        for line in lines[:_LINES]:
            terminalreporter.write_line(printable(line))
        if len(lines) > _LINES:
            terminalreporter.write_line(f"and {len(lines) - _LINES} more, in the report")
