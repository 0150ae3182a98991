"""``--maint-cov``: hooks that gather what was measured, ask for the verdict and place it."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import Any

import pytest

from maint.coverage.assess import assess, load
from maint.coverage.judgement import TERMINAL_LINES, Judgement
from maint.coverage.measured import measure
from maint.coverage.section import section, unjudged_section
from maint.coverage.settings import CoverageSettings
from maint.errors import InputError, MaintError
from maint.extras import require
from maint.git import Repository
from maint.refs import resolve
from maint.report.cells import counted, printable, shorten
from pytest_maint.collector import collector
from pytest_maint.options import settings
from pytest_maint.scope import Scope, watch

from .source import Source, source, start
from .warned import recorded

_OUTPUT = "maint_coverage"


def activate(config: pytest.Config) -> None:
    """Wake the ratchet in this session; raises MaintError where it could not run to its end."""
    chosen = CoverageSettings.of(settings(config))
    start(config, chosen.core)  # unless the plugin was there early enough to have done so
    scope = watch(config)
    found = source(config)
    if hasattr(config, "workerinput"):
        if found is not None and not found.gathers_workers:
            config.pluginmanager.register(WorkerGate(config, found), "maint-coverage-worker")
        return
    _ask_early(config, chosen)
    collector(config)
    # After the scope, whose answer is final when the wrappers inside of ours have run.
    config.pluginmanager.register(Gate(config, chosen, scope, found), "maint-coverage")


def _ask_early(config: pytest.Config, chosen: CoverageSettings) -> None:
    """Ask for what the verdict will need: nobody should wait for a suite to hear of a bad baseline or ref."""
    load(config.rootpath, chosen)
    if chosen.patch:
        resolve(Repository.open(config.rootpath), chosen.patch)


class WorkerGate:
    """Lives in an xdist worker; sends home what was measured there."""

    def __init__(self, config: pytest.Config, found: Source) -> None:
        self._config = config
        self._source = found

    def pytest_sessionfinish(self) -> None:
        """Not at the end of the process: the controller judges before that."""
        output: dict[str, object] = self._config.workeroutput  # type: ignore[attr-defined]
        # Where that fails nothing is sent, which the controller says.
        with recorded([]), contextlib.suppress(MaintError):
            output[_OUTPUT] = self._source.result().get_data().dumps()


class Gate:
    """Lives in the controller, and judges once: a full and green session, when its last test has run."""

    def __init__(
        self, config: pytest.Config, chosen: CoverageSettings, scope: Scope, found: Source | None
    ) -> None:
        self._config = config
        self._settings = chosen
        self._scope = scope
        self._source = found
        self._failed: set[str] = set()
        self._workers: list[bytes] = []
        self._silent: list[str] = []
        self._judgement: Judgement | None = None
        self._not_judged = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """What failed; not ``session.testsfailed``, which gates like pytest-cov's raise as well."""
        if report.failed:
            self._failed.add(report.nodeid)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """What a worker measured."""
        data = getattr(node, "workeroutput", {}).get(_OUTPUT)
        if data is None:
            self._silent.append(str(node.gateway.id))
        else:
            self._workers.append(data)

    # Outermost: within it xdist's workers end, and pytest-cov combines.
    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Judge, and fail the session where it falls short; UsageError where that cannot be said."""
        result = yield
        if self._unfit():
            return result
        try:
            self._judgement = self._judged()
        except MaintError as error:
            self._not_judged = "it could not run"
            raise pytest.UsageError(str(error)) from None
        if self._judgement.failed:
            session.testsfailed += 1
        return result

    def pytest_sessionfinish(self) -> None:
        """Hand the verdict over to the report, or why there is none."""
        root = self._config.rootpath
        if self._judgement is not None:
            part = section(self._judgement, root, self._settings)
        else:
            self._not_judged = self._not_judged or self._unfit() or "the session was stopped"
            part = unjudged_section(self._not_judged, root)
        collector(self._config).add(part)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The verdict in at most 20 lines, or why there is none."""
        terminalreporter.write_sep("=", "maint: coverage")  # which ends the line of progress
        if self._judgement is None:
            terminalreporter.write_line(f"coverage not judged: {self._wording()}", yellow=True)
            return
        headline, *rest = self._judgement.lines(terminalreporter._tw.fullwidth)
        failed = self._judgement.failed
        terminalreporter.write_line(headline, red=failed, green=not failed)
        warned = [f"coverage warns: {shorten(text, 160)}" for text in self._source.warnings]  # type: ignore[union-attr]
        for line in [*rest, *warned][: TERMINAL_LINES - 1]:
            terminalreporter.write_line(line)

    def _unfit(self) -> str:
        """Why the session is not one to judge; empty where it is."""
        partial = self._scope.partial()
        if partial:
            return partial
        if self._failed:
            return f"{counted(len(self._failed), 'test')} failed"
        if self._source is None:
            return "--no-cov"
        if self._silent and not self._source.gathers_workers:
            return f"worker {self._silent[0]} sent no measurement"
        return ""

    def _wording(self) -> str:
        said = printable(self._not_judged)
        return f"partial run ({said})" if self._scope.partial() else said

    def _judged(self) -> Judgement:
        assert self._source is not None
        root = self._config.rootpath
        with recorded(self._source.warnings):
            cov = self._source.result()
            self._take_over(cov.get_data())
            measured = measure(cov, root)
            judgement = assess(measured, root, self._settings)
            self._source.publish()
        return judgement

    def _take_over(self, data: Any) -> None:
        package = require("coverage")
        for sent in self._workers:
            other = package.CoverageData(no_disk=True)
            try:
                other.loads(sent)
                data.update(other)
            except package.exceptions.CoverageException as error:
                said = printable(str(error).rstrip("."))
                raise InputError(f"coverage: {said}; measure workers and controller alike") from None
            finally:
                other.close(force=True)
