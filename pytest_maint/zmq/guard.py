"""The guard over sockets and contexts: hooks that follow the tests, and what they answer to the tracker."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Generator
from typing import Any

import pytest
import zmq

from maint.errors import ConfigError, MaintError
from pytest_maint.account import Attempt
from pytest_maint.failure import GuardFailure, own, refuse

from .report.account import ZmqAccount
from .report.failure import PROPERTY, failed_by, failing, lines_of
from .report.findings import closed_in_use, leaks, stuck, undelivered, waited
from .report.wording import wait
from .settings import GuardSettings, settings_of
from .watch.ending import StuckContext, abandon, ends, finish_all
from .watch.inproc import Inproc
from .watch.records import ContextRecord, SocketRecord, holdings
from .watch.tracking import Defaults, Tracker, Watcher

__tracebackhide__ = True  # of a module: pytest shows none of its frames
LINGER_MS = 1000
_NAME = "maint-zmq"
_GUARD = pytest.StashKey["Guard"]()
_FIXTURES = "zmq_"


def activate(config: pytest.Config) -> None:
    """Wake the guard in this process."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(ZmqAccount(config), f"{_NAME}-account")
    if config.getoption("dist", "no") != "no":
        config.pluginmanager.register(object(), _NAME)  # the tests run in workers
        return
    guard = config.stash[_GUARD] = Guard(config)
    guard.tracker.install()
    config.pluginmanager.register(guard, _NAME)


def guard_of(config: pytest.Config) -> Guard:
    """The guard of this process; MaintError where it sleeps, which a fixture's use rules out."""
    found = config.stash.get(_GUARD, None)
    if found is None:
        raise MaintError("zmq: the guard sleeps in this session; request a zmq fixture by name")
    return found


class Watched(Attempt):
    """One attempt at one guarded test."""

    def __init__(self, item: pytest.Item, settings: GuardSettings) -> None:
        super().__init__(item.nodeid)
        self.settings = settings
        self.waits: dict[int, tuple[SocketRecord, str, str]] = {}


class _Wider:
    """A fixture that lives longer than a test, as the owner of what its setup creates."""

    def __init__(self, name: str, scope: str) -> None:
        self.said = f"fixture {name!r} of scope {scope}"
        self.value: object = None
        self.over = False


class Guard(Watcher):
    """Lives in every process that runs tests."""

    def __init__(self, config: pytest.Config) -> None:
        self.tracker = Tracker(self)
        self.inproc = Inproc()
        self.root = config.rootpath
        self.watched: Watched | None = None
        self._last: Watched | None = None
        self._wider: dict[int, _Wider] = {}
        self._left: list[ContextRecord] = []
        self._runner = threading.current_thread()
        self._refused: frozenset[pytest.Item] = frozenset()
        self._ending: float | None = None  # when the teardown began that goes on

    @property
    def timeout(self) -> float:
        """How long a wait may take in the running test, in seconds."""
        return self.watched.settings.timeout if self.watched is not None else 5.0

    # -- hooks -------------------------------------------------------------------------------------------

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """A bad marker stops the session before its first test."""
        problems = {}
        for item in session.items:
            try:
                settings_of(item)
            except ConfigError as error:
                problems[item] = str(error)
        self._refused = frozenset(problems)
        refuse(session.config, problems)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        """Before the first fixture of the test."""
        self._last = None
        if item in self._refused:
            return (yield)
        chosen = settings_of(item)
        if chosen.enabled or asks(item):
            self.watched = self.tracker.owner = Watched(item, chosen)
            self._runner = threading.current_thread()
            # What threads that are there already create is not the doing of this test.
            owners = self.tracker.owners
            self.tracker.owners = {each: owners.get(each) for each in self._others()}
            timeout = round(chosen.timeout * 1000)
            self.tracker.defaults, self.tracker.poll_limit = Defaults(timeout, LINGER_MS), timeout
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        """When the last fixture of the test is gone."""
        watched = self.watched
        self._ending = time.monotonic()
        try:
            result = yield
        finally:
            self._ending = None
            if watched is not None:
                self.judge(watched)
            self.watched = self.tracker.owner = self.tracker.defaults = self.tracker.poll_limit = None
        if watched is not None and watched.failing and not watched.failed:
            raise failing(watched.failing)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Say who waited for whom where that failed the test, and send the findings home."""
        report = yield
        watched = self._last if call.when == "teardown" else self.watched
        if watched is None:
            return report
        # an xfailed test is reported as skipped
        if (report.failed or getattr(report, "wasxfail", None) is not None) and call.when != "teardown":
            watched.failed = True
            self._explain(watched, report, call)
        if call.when == "teardown":
            verdict = failed_by(call.excinfo.value if call.excinfo else None)
            if verdict:
                report.longrepr = GuardFailure(verdict, lines_of)  # type: ignore[assignment]
            report.user_properties.append((PROPERTY, watched.told(verdict)))
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """What a fixture of a wider scope creates, also in threads that it starts, is its own to close."""
        if self.watched is None or fixturedef.scope == "function":
            return (yield)
        owner = self._wider[id(fixturedef)] = _Wider(fixturedef.argname, fixturedef.scope)
        before, self.tracker.owner = self.tracker.owner, owner
        known = set(self._others())
        try:
            owner.value = yield
            return owner.value
        finally:
            self.tracker.owner = before
            self.tracker.owners |= dict.fromkeys(set(self._others()) - known, owner)

    def pytest_fixture_post_finalizer(self, fixturedef: pytest.FixtureDef[Any]) -> None:
        """A fixture of a wider scope is gone: what it left open is a leak of its own."""
        owner = self._wider.pop(id(fixturedef), None)
        if owner is not None:
            owner.over = True
            if self.watched is not None:
                self._judge_owner(self.watched, owner, owner.said)

    def pytest_unconfigure(self) -> None:
        """Nothing that a test left behind may hang what comes: the collector, atexit, the exit itself."""
        left = []
        for record in {id(each): each for each in (*self._left, *self.tracker.contexts)}.values():
            context = record.reference()
            if context is None or context.closed or record.abandoned or record.owner is None:
                continue
            if type(context)._instance is not context:
                left.append((record, context, functools.partial(self.tracker.end, context)))
            elif record.holders:
                abandon(record, context)
        finish_all(left)
        self.tracker.uninstall()

    # -- what the tracker sees ---------------------------------------------------------------------------

    def waited(self, record: SocketRecord, verb: str, error: zmq.Again) -> None:
        """Note on the exception who waited for whom; whoever catches it on purpose is not disturbed."""
        watched = self.watched
        if watched is None:
            return
        told = wait(record, verb, self._limit(record, verb), self.tracker.sockets, self.root)
        error.add_note(told)
        watched.waits[id(record)] = (record, verb, told)

    def patient(self, record: SocketRecord) -> bool:
        """A service that a wider fixture runs in a thread may be idle for longer than a test waits.

        Not when a teardown has taken that long: it may have joined the thread.
        """
        owner = record.owner
        if not isinstance(owner, _Wider) or owner.over or not record.bounded:
            return False
        idle = self._ending is None or time.monotonic() - self._ending < self.timeout
        return idle and threading.current_thread() is not self._runner

    def closing(self, record: SocketRecord) -> None:
        """ZMQ003; the close itself is left to the thread that is inside."""
        if self.watched is not None and not record.fixture:
            self.watched.add(closed_in_use(self.watched.node_id, record, self.root), fails=True)

    def terminate(self, record: ContextRecord, context: zmq.Context[Any], call: Callable[[], None]) -> None:
        """ZMQ002 where a context of a guarded test does not end."""
        if self.watched is None and record.owner is None:
            return call()
        began = time.monotonic()
        if ends(record, context, call):
            waited_for = [each for each in record.sockets if each.closed and each.linger and each.lingers]
            if self.watched is not None and waited_for and time.monotonic() - began > LINGER_MS / 1000 * 0.9:
                self.watched.add(undelivered(self.watched.node_id, waited_for, self.root), fails=True)
            return None
        finding = stuck(self.watched.node_id if self.watched else "", record, self.root)
        if self.watched is not None:
            self.watched.add(finding, fails=True)
        if not record.collected:
            error = StuckContext(finding.message)
            raise error if self.watched is None else own(error)
        return None

    def opening(self, record: SocketRecord, verb: str, endpoint: str) -> None:
        """Refuse what inproc cannot do."""
        if self.watched is not None:
            self.inproc.opening(record, verb, endpoint)

    def setting(self, record: SocketRecord, option: int) -> None:
        """The same for options."""
        self.inproc.setting(record, option)

    def monitoring(self, record: SocketRecord) -> None:
        """The same for monitors."""
        if record.fixture:
            self.inproc.monitoring(record)

    # -- judging -----------------------------------------------------------------------------------------

    def judge(self, watched: Watched) -> None:
        """What the test itself left open."""
        self._last = watched
        self._judge_owner(watched, watched, "")

    def _judge_owner(self, watched: Watched, owner: object, by: str) -> None:
        sockets, contexts = self.tracker.take(owner)
        if owner is watched and self._wider and any(not each.closed for each in sockets):
            sockets, contexts = self._keep_held(sockets, contexts)
        self._left += [each for each in contexts if not each.terminated]
        if watched.settings.leaks == "off" or watched.failed:
            return
        for finding in leaks(watched.node_id, sockets, contexts, self.root, by):
            watched.add(finding, fails=watched.settings.leaks == "error")

    def _keep_held(
        self, sockets: list[SocketRecord], contexts: list[ContextRecord]
    ) -> tuple[list[SocketRecord], list[ContextRecord]]:
        """Give what the value of a wider fixture holds to that fixture, which may close it; the others."""
        for owner in self._wider.values():
            held = holdings(owner.value)
            theirs = [each for each in sockets if id(each.reference()) in held]
            around = [each for each in contexts if id(each.reference()) in held]
            for record in theirs:
                record.owner = owner
            for context in around:
                context.owner = owner
            self.tracker.sockets += theirs
            self.tracker.contexts += around
            sockets = [each for each in sockets if each.owner is not owner]
            contexts = [each for each in contexts if each.owner is not owner]
        return sockets, contexts

    def _others(self) -> list[threading.Thread]:
        return [each for each in threading.enumerate() if each is not threading.current_thread()]

    def _explain(self, watched: Watched, report: pytest.TestReport, call: pytest.CallInfo[None]) -> None:
        for finding in watched.failing:
            report.sections.append((f"zmq: {finding.code}", "\n".join(lines_of(finding))))
        if not watched.waits:
            return
        report.sections.append(
            ("zmq: who waited for whom", "\n".join(each[2] for each in watched.waits.values()))
        )
        notes = _notes(call.excinfo.value if call.excinfo else None)
        for record, verb, told in watched.waits.values():
            if told in notes:
                watched.add(waited(watched.node_id, record, verb, told, self.root), fails=False)

    def _limit(self, record: SocketRecord, verb: str) -> float | None:
        socket = record.reference()
        if verb == "poll" or socket is None or socket.closed:
            return None if self.tracker.poll_limit is None else self.tracker.poll_limit / 1000
        return int(socket.get(zmq.RCVTIMEO if verb == "receive" else zmq.SNDTIMEO)) / 1000


def asks(item: pytest.Item) -> bool:
    """Whether the test itself asks to be guarded, by a marker or a fixture."""
    named = getattr(item, "fixturenames", ())
    return item.get_closest_marker("zmq") is not None or any(name.startswith(_FIXTURES) for name in named)


def _notes(error: BaseException | None) -> set[str]:
    """The notes of an exception and of all that led to it."""
    found: set[str] = set()
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        found |= set(getattr(error, "__notes__", ()))
        error = error.__cause__ or error.__context__
    return found
