"""``--maint-baseline``: hooks that gather benchmarks, start the measuring and place the verdicts."""

from __future__ import annotations

import contextlib
from collections.abc import Generator

import msgspec
import pytest

from maint.errors import MaintError
from pytest_maint.collector import collector
from pytest_maint.failure import GuardFailure
from pytest_maint.options import settings
from pytest_maint.properties import take
from pytest_maint.scope import Scope, watch

from .assess import Assessment, Resolved, assess, resolve_sides
from .candidate import PROPERTY, Candidate
from .once import OnceFixtures
from .progress import ProgressLine
from .settings import GateSettings


def activate(config: pytest.Config) -> None:
    """Wake the gate in this session; raises MaintError when it could not run to its end."""
    if config.option.collectonly:
        return
    if not config.pluginmanager.hasplugin("benchmark"):
        raise MaintError(
            "--maint-baseline measures pytest-benchmark's benchmark fixture, which is blocked; "
            "leave out -p no:benchmark"
        )
    config.pluginmanager.register(OnceFixtures(), "maint-benchmark-fixtures")
    scope = watch(config)
    if hasattr(config, "workerinput"):
        return
    chosen = GateSettings.of(settings(config))
    resolved = resolve_sides(config, chosen)
    collector(config)
    config.pluginmanager.register(Gate(config, chosen, resolved, scope), "maint-benchmark-gate")


class Gate:
    """Lives in the controller only; judges once, when every test has run."""

    def __init__(self, config: pytest.Config, chosen: GateSettings, resolved: Resolved, scope: Scope) -> None:
        self._config = config
        self._scope = scope
        self._settings = chosen
        self._resolved = resolved
        self._candidates: dict[str, Candidate] = {}
        self._failed: set[str] = set()
        self._unfit: list[str] = []
        self._assessment: Assessment | None = None
        self._not_judged = ""

    # tryfirst: what is gathered is taken off the report before JUnit XML and others write it down.
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather benchmarks from the reports: under xdist they are all the controller sees."""
        for sent in take(report, PROPERTY):
            candidate = msgspec.convert(sent, Candidate)
            self._candidates[candidate.node_id] = candidate
        if report.failed or report.skipped:  # and not a "rerun" of pytest-rerunfailures
            self._failed.add(report.nodeid)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """After the last test (xdist's workers are done then too) and before any report is written."""
        self._not_judged = "the session was stopped before its end"
        result = yield
        if session.shouldfail or session.shouldstop:
            self._not_judged = f"the session was stopped ({session.shouldfail or session.shouldstop})"
            return result
        self._not_judged = "interrupted"
        reporter = self._config.pluginmanager.getplugin("terminalreporter")
        progress = ProgressLine(reporter)
        self._unfit = sorted(self._failed & self._candidates.keys())
        candidates = [one for name, one in self._candidates.items() if name not in self._failed]
        with contextlib.closing(progress):
            try:
                self._assessment = assess(self._config, self._settings, self._resolved, candidates, progress)
            except MaintError as error:
                self._not_judged = "it could not run"
                raise pytest.UsageError(str(error)) from None
        collector(self._config).add(self._assessment.section(self._scope.partial()))
        self._report_failures(reporter)
        return result

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The verdicts, or why there are none."""
        terminalreporter.section(f"maint: benchmarks against {self._settings.ref}")
        if self._assessment is None:
            terminalreporter.write_line(f"benchmarks not judged: {self._not_judged}")
            return
        for line, markup in self._assessment.lines(terminalreporter._tw.fullwidth):
            terminalreporter.write_line(line, **markup)
        if self._unfit:
            terminalreporter.write_line(
                f"not judged, since they did not pass as tests: {', '.join(self._unfit)}", yellow=True
            )

    def _report_failures(self, reporter: pytest.TerminalReporter | None) -> None:
        """Fail the tests whose benchmark failed: their report as passed tests is taken back."""
        assert self._assessment is not None
        failures = self._assessment.failures()
        if reporter is not None:
            passed = reporter.stats.get("passed", [])
            passed[:] = [report for report in passed if report.nodeid not in failures]
        for node_id, finding in failures.items():
            candidate = self._candidates[node_id]
            report = pytest.TestReport(
                nodeid=node_id,
                location=(candidate.path, None if candidate.line is None else candidate.line - 1, node_id),
                keywords={},
                outcome="failed",
                longrepr=GateFailure([finding]),  # type: ignore[arg-type]
                when="call",
            )
            self._config.hook.pytest_runtest_logreport(report=report)


class GateFailure(GuardFailure):
    """The one sentence of a failed benchmark."""

    @property
    def message(self) -> str:
        """The figures first: the line that shows it begins with the test's name, and is cut at its end."""
        subject, _, _ = self.finding.title.rpartition(": ")
        return self.finding.message.removeprefix(f"{subject}: ")
