"""The guard over ports: hooks that follow the tests, and what they make of binds and listeners."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from maint.errors import MaintError
from pytest_maint.failure import GuardFailure, own, refuse
from pytest_maint.options import settings

from . import binds, blame
from .account import PortsAccount
from .allowance import Ignored, Port, marked
from .census import Census
from .forks import Forks
from .judge import Judge
from .leaks import Leaks
from .leasing import worker
from .ownership import ownership
from .turns import Turns
from .verdict import PROPERTY, failed_by, failing
from .watched import Made, Watched

_NAME = "maint-ports"


def activate(config: pytest.Config) -> None:
    """Wake the guard in this process; UsageError where it cannot work."""
    mode = settings(config)["ports.guard"]
    if mode != "off" and not hasattr(config, "workerinput"):
        config.pluginmanager.register(PortsAccount(config), f"{_NAME}-account")
    try:
        guard = Guard(config, mode)
    except MaintError as error:
        if not hasattr(config, "workerinput"):
            raise pytest.UsageError(str(error)) from None
        config.pluginmanager.register(Unfit(str(error), mode), _NAME)
        return
    if config.getoption("dist", "no") != "no":
        guard.close()
        config.pluginmanager.register(object(), _NAME)  # the tests run in workers
        return
    config.pluginmanager.register(guard, _NAME)
    config.pluginmanager.register(Queue(guard), f"{_NAME}-queue")
    binds.watch(guard.bound)


class Guard:
    """Lives in every process that runs tests. In the mode ``off`` it keeps marked tests apart, no more."""

    def __init__(self, config: pytest.Config, mode: str) -> None:
        chosen = settings(config)
        self._mode = mode
        self._turns = Turns(worker(config), chosen["ports.wait"])
        owners = ownership(config.rootpath, chosen)
        try:
            ignored = Ignored.of(chosen["ports.ignore"])
        except ValueError as error:
            raise MaintError(f"ports.ignore: {error}") from None
        self._judge = Judge(owners, ignored, ephemeral_too=chosen["ports.ephemeral"] == "refuse")
        self._census = Census(children=chosen["ports.children"])
        self._leaks = Leaks(self._census, self._judge, config.rootpath)
        self._forks = Forks()
        self._watched: Watched | None = None
        self._last: Watched | None = None
        self._fixtures: list[str] = []
        self._refused: frozenset[pytest.Item] = frozenset()
        if mode != "off":
            self._census.take()  # raises where the platform cannot tell

    # -- hooks -------------------------------------------------------------------------------------------

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """A bad marker stops the session before its first test; what modules opened is no test's doing."""
        if self._mode != "off":
            self._census.take()
        problems = {}
        for item in session.items:
            try:
                self._marked(item)
            except ValueError as error:
                problems[item] = f"{item.nodeid}: marker binds: {error}"
        self._refused = frozenset(problems)
        refuse(session.config, problems)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        """Before anything of the test."""
        self._last = None
        if item in self._refused:
            return (yield)
        before = self._leaks.now() if self._mode != "off" else frozenset()
        self._watched = Watched(item, self._marked(item), before)
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        """When the last fixture of the test is gone."""
        watched = self._watched
        try:
            result = yield
        finally:
            self._last, self._watched = watched, None
            if watched is not None:
                self._judge_end(watched)
            self._turns.end(self._bound_ports)
        if watched is not None and watched.failing and not watched.failed:
            raise failing(watched.failing)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Say who has a port where that failed the test, and send the findings home."""
        report = yield
        watched = self._last if call.when == "teardown" else self._watched
        if watched is None:
            return report
        error = call.excinfo.value if call.excinfo else None
        verdict = failed_by(error)
        if call.when != "teardown" and error is not None and not isinstance(error, pytest.skip.Exception):
            watched.failed = True
            self._explain(watched, report, error)
        if self._mode == "off":
            return report
        if hasattr(report, "wasxfail") and report.skipped:
            watched.findings = [each for each in watched.findings if each not in verdict]
        if verdict and report.failed:
            own(report)  # also where the refused bind is only what led to the error
        if verdict and call.when == "teardown":
            report.longrepr = GuardFailure(verdict)  # type: ignore[assignment]
        if watched.findings or verdict or call.when == "teardown":
            report.user_properties.append((PROPERTY, watched.told(verdict if report.failed else ())))
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """What a fixture of a wider scope opens is its own to close."""
        wider = fixturedef.scope != "function" and self._mode != "off" and self._watched is not None
        before = self._leaks.before() if wider else None
        self._fixtures.append(fixturedef.argname)
        try:
            return (yield)
        finally:
            self._fixtures.pop()
            if before is not None:
                self._leaks.belongs(id(fixturedef), fixturedef.argname, before)

    def pytest_fixture_post_finalizer(self, fixturedef: pytest.FixtureDef[Any]) -> None:
        """A fixture of a wider scope is gone: what it left open is a leak of its own."""
        if self._watched is not None:
            left = self._leaks.of_fixture(id(fixturedef), self._watched)
            self._watched.extend(left, fails=self._mode == "error")

    def pytest_unconfigure(self) -> None:
        """The audit hook stays, and hears nothing more of this session."""
        binds.unwatch(self.bound)
        self._turns.end(frozenset)
        self.close()

    def close(self) -> None:
        """Leave no descriptor open."""
        self._forks.close()

    # -- judging -----------------------------------------------------------------------------------------

    def bound(self, bind: binds.Bind) -> None:
        """A bind that is about to happen; refused where it is not in order."""
        __tracebackhide__ = True
        watched = self._watched
        if watched is None:
            self._leaks.made(Made(bind, "", ""))
            return
        fixture = self._fixtures[-1] if self._fixtures else ""
        made = Made(bind, watched.node_id, fixture, self._leaks.in_the_way(bind))
        self._leaks.made(made)
        if bind.chosen or self._judge.ignored.covers(bind):
            return
        watched.binds.append(made)
        if self._mode == "off":
            return
        finding = self._judge.judged(bind, watched)
        if finding is not None:
            self._say(finding, watched)
            if self._mode == "error":
                raise failing([finding], traced=True)
        if self._forks.is_parent:
            self._turns.note(Port(bind.port, bind.proto), watched.node_id)

    def queue(self) -> None:
        """Wait for the test's turn at the ports that it is marked with."""
        watched = self._watched
        if watched is not None and watched.marked:
            self._turns.take(watched.marked, watched.node_id)

    def _say(self, finding: Any, watched: Watched) -> None:
        if self._forks.is_parent:
            watched.add(finding, fails=self._mode == "error")
        else:
            self._forks.send(finding)

    def _judge_end(self, watched: Watched) -> None:
        if self._mode == "off":
            return
        for finding in self._forks.received():
            watched.add(finding, fails=self._mode == "error")
        if watched.failed:
            self._census.take()  # which the next test begins with
            return
        watched.extend(self._leaks.of_test(watched), fails=self._mode == "error")

    def _explain(self, watched: Watched, report: pytest.TestReport, error: BaseException) -> None:
        told = failed_by(error)
        for finding in watched.failing:
            if finding not in told:
                report.sections.append((f"maint: {finding.code}", finding.message))
        if blame.is_refusal(error) and (found := blame.blamed(watched)) is not None:
            title, lines, finding = found
            report.sections.append((title, "\n".join(lines)))
            if report.failed:
                watched.add(finding, fails=False)

    def _bound_ports(self) -> frozenset[Port]:
        try:
            return frozenset(Port(one.port, one.proto) for one in self._census.take())
        except MaintError:
            return frozenset()

    def _marked(self, item: pytest.Item) -> frozenset[Port]:
        found: frozenset[Port] = frozenset()
        for mark in item.iter_markers("binds"):
            if unknown := sorted(mark.kwargs.keys() - {"proto"}):
                raise ValueError(f"unknown argument {unknown[0]!r}; known: proto")
            found |= marked(mark.args, mark.kwargs.get("proto"), self._judge.owners)
        return found


class Queue:
    """Apart from the guard: a wrapper that raises leaves the wrappers within it without a setup."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def pytest_runtest_setup(self) -> None:
        """After it is known that the test is not skipped, and before its first fixture."""
        try:
            self._guard.queue()
        except MaintError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None


class Unfit:
    """In place of the guard in a worker that cannot have one: a usage error there ends in a crash."""

    def __init__(self, reason: str, mode: str) -> None:
        self._reason = reason
        self._mode = mode

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Fail with the reason, unless nothing was asked of this test."""
        if self._mode != "off" or any(item.iter_markers("binds")):
            pytest.fail(self._reason, pytrace=False)
