"""``--maint-report``: hooks that gather what happened to every test and hand it over as one section."""

from __future__ import annotations

import ast
import time
from pathlib import PurePath
from typing import Any

import msgspec
import pytest

from maint.errors import MaintError
from maint.findings import Finding, Location
from maint.git import Repository
from maint.report.cells import encodable
from maint.report.documents import Run, own_version
from maint.report.section import Section
from pytest_maint.collector import collector
from pytest_maint.properties import take
from pytest_maint.scope import Scope, watch

from .attempts import ATTRIBUTE, PROPERTY, AttemptRecorder
from .cause import MESSAGE_KEPT, text_of
from .failure import Failure
from .findings import CODES, collection_finding, crash_finding, internal_finding
from .history import History, Phase, judged

_CRASHED = "???"  # the phase that pytest-xdist gives the report of a test whose worker died


def record(config: pytest.Config) -> None:
    """Wake the recorder in this process."""
    config.pluginmanager.register(AttemptRecorder(config.rootpath), "maint-attempts")
    scope = watch(config)
    if not hasattr(config, "workerinput"):
        collector(config)
        config.pluginmanager.register(SessionRecorder(config, scope), "maint-session")


class SessionRecorder:
    """Lives in the controller only."""

    def __init__(self, config: pytest.Config, scope: Scope) -> None:
        self._config = config
        self._scope = scope
        self._began = time.monotonic()
        self._tests: dict[str, History] = {}
        self._broken: dict[str, Finding] = {}
        self._died: dict[str, str] = {}
        self._internal = ""

    # tryfirst: what is gathered is taken off the report before JUnit XML and others write it down.
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of a test; under xdist these are all the controller sees."""
        told = next(iter(take(report, PROPERTY)), None)
        if told is None and isinstance(getattr(report.longrepr, "finding", None), Finding):
            return  # the benchmark gate's verdict after the last test, which is in its own section
        test = self._tests.get(report.nodeid)
        if test is None:
            test = self._tests[report.nodeid] = History(_location(report))
        if report.when == _CRASHED:
            self._died.pop(_worker(report), None)
            test.add_crash(_said(report))
        elif hasattr(report, "wasxfail"):
            test.add_expected_failure()
        else:
            test.add(_phase(report, told))

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file or folder whose tests stay unknown; each worker reports it again."""
        noted = report.__dict__.pop(ATTRIBUTE, None)
        if report.failed and report.nodeid not in self._broken:
            failure = msgspec.convert(noted, Failure) if noted else Failure(message=_said(report))
            self._broken[report.nodeid] = collection_finding(_place(report.nodeid, failure), failure)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker that died; the report of the test it was in, if any, comes next."""
        if error:
            self._died[node.gateway.id] = encodable(str(error)[:MESSAGE_KEPT])

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """pytest or a plugin broke; from a worker it comes as text, and xdist goes on without the worker."""
        self._internal = self._internal or encodable(text_of(excinfo.value)[-MESSAGE_KEPT:])

    def pytest_sessionfinish(self) -> None:
        """Hand over, interrupted or not."""
        collector(self._config).add(self._section())

    def _section(self) -> Section:
        findings = list(self._broken.values())
        for test in self._tests.values():
            findings += test.findings()
        if self._internal:
            findings.append(internal_finding(self._internal))
        if self._died:
            said = [f"worker {worker}: {error}" for worker, error in self._died.items()]
            findings.append(crash_finding(Location(), said))
        return Section(run=self._run(), findings=tuple(findings), title="Tests")

    def _run(self) -> Run:
        with_verdict, without = judged(self._tests.items())
        left_out = dict.fromkeys(sorted(map(encodable, self._scope.deselected)), "deselected")
        commit, dirty = _checkout(self._config)
        return Run(
            guardrail="tests",
            version=own_version(),
            codes=CODES,
            partial=self._scope.partial(),
            judged=tuple(map(encodable, with_verdict)),
            unjudged=left_out | {encodable(name): encodable(reason) for name, reason in without.items()},
            head_commit=commit,
            head_dirty=dirty,
            elapsed_s=round(time.monotonic() - self._began, 3),
        )


def _checkout(config: pytest.Config) -> tuple[str, bool]:
    """Commit and whether something differs from it; nothing where there is no git or no commit."""
    try:
        repository = Repository.open(config.rootpath)
        return repository.head(), repository.is_dirty()
    except MaintError:
        return "", False


def _location(report: pytest.TestReport) -> Location:
    path, line, _ = report.location
    posix = encodable(PurePath(path).as_posix())
    return Location(path=posix, line=None if line is None else line + 1, node_id=encodable(report.nodeid))


def _place(node_id: str, failure: Failure) -> Location:
    path = encodable(node_id.partition("::")[0]) or None
    crash = failure.crash
    line = crash.line if crash is not None and crash.path == path else None
    return Location(path=path, line=line, node_id=encodable(node_id) or None)


def _phase(report: pytest.TestReport, told: dict[str, Any] | None) -> Phase:
    said = _said(report) if report.failed else _skip_reason(report) if report.skipped else ""
    return Phase(
        when=report.when or "call",
        outcome=report.outcome,
        duration_s=round(report.duration, 6),
        told=told,
        subtest=_subtest(report),
        said=said,
    )


def _said(report: pytest.TestReport | pytest.CollectReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    # Not longreprtext, which begins with the worker and its Python.
    return encodable((crash.message if crash is not None else str(report.longrepr))[:MESSAGE_KEPT])


def _skip_reason(report: pytest.TestReport) -> str:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
    return reason.removeprefix("Skipped: ")[:MESSAGE_KEPT]


def _subtest(report: pytest.TestReport) -> str:
    """``[message] (i=3)`` of a subtest's report, much as pytest writes it; empty for a whole test."""
    context = getattr(report, "context", None)
    if context is None:
        return ""
    arguments = ", ".join(f"{name}={_unquoted(str(value))}" for name, value in context.kwargs.items())
    parts = (f"[{context.msg}]" if context.msg is not None else "", f"({arguments})" if arguments else "")
    return encodable(" ".join(filter(None, parts)) or "(<subtest>)")


def _unquoted(value: str) -> str:
    """Without the quotes of ``repr``, of which pytest adds one more pair between worker and controller."""
    try:
        plain = ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return value
    return _unquoted(plain) if isinstance(plain, str) and plain != value else value


def _worker(report: pytest.TestReport) -> str:
    node = getattr(report, "node", None)
    return node.gateway.id if node is not None else ""
