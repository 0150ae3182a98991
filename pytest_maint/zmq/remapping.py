"""``zmq_remap``: the code under test keeps its hard-coded tcp endpoints, and no port is opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pytest

from maint.errors import MaintError
from maint.extras import require

from .remap.channel import Channel, Inherited
from .remap.ledger import Entry, Ledger, Options
from .remap.verdicts import finding, judge

require("zmq")

import zmq  # noqa: E402 - after the check that it is there

from .guard import guard_of  # noqa: E402 - needs zmq
from .remap.redirecting import Redirect  # noqa: E402
from .watch.tracking import Tracker  # noqa: E402

__tracebackhide__ = True
_REDIRECT = pytest.StashKey[Redirect]()
_CHANNEL = pytest.StashKey[Channel]()
TRANSPORTS = ("ipc", "inproc")


class Endpoint(NamedTuple):
    """One socket on one remapped port: ``role`` is ``bind`` or ``connect``, ``type`` such as ``"REP"``.

    ``endpoint`` is in tcp terms, ``place`` the ``file:line`` that bound or connected it, ``pid`` its process.
    """

    port: int
    role: str
    type: str
    endpoint: str
    place: str
    pid: int


class Remap:
    """What the test sees. Call it before the code under test starts, to remap in another way.

    ``zmq_remap(transport="inproc")``: inside one context only, nothing touches the kernel.
    ``zmq_remap(local=["broker"])``: a host name that means this machine here.
    ``zmq_remap(leave=["10.0.0.7", 9000])``: hosts and ports that stay as they are.
    """

    def __init__(self, redirect: Redirect, options: Options) -> None:
        self._redirect = redirect
        self._ledger = redirect.ledger
        self._choose(options)

    @property
    def transport(self) -> str:
        """``"ipc"`` or ``"inproc"``."""
        return self._options.transport

    def __call__(
        self, transport: str | None = None, *, local: Sequence[str] = (), leave: Sequence[str | int] = ()
    ) -> Remap:
        """Remap in another way from now on; raises MaintError once a port is in use."""
        chosen = transport or self.transport
        if chosen not in TRANSPORTS:
            raise MaintError(f"zmq_remap: transport is {chosen!r}; give one of {', '.join(TRANSPORTS)}")
        if chosen != self.transport and self.entries():
            first = self.entries()[0]
            raise MaintError(
                f"zmq_remap: port {first.port} is {self.transport} already ({first}); call zmq_remap before"
            )
        options = self._options
        hosts = (*options.local, *local)
        self._choose(Options(options.test, chosen, hosts, (*options.leave, *map(str, leave))))
        return self

    def endpoints(self) -> list[Endpoint]:
        """Every bind and connect so far, those of child processes included, in order."""
        return [
            Endpoint(entry.port, entry.kind, entry.type, entry.endpoint, entry.place, entry.pid)
            for entry in self.entries()
            if entry.kind in ("bind", "connect")
        ]

    def bound(self, port: int) -> bool:
        """Whether a process of this test has the port bound now."""
        return self._ledger.holder(self._options.test, port) is not None

    def path(self, port: int) -> str:
        """The endpoint that stands for a port, for programs that are told theirs and cannot be remapped."""
        return self._redirect.real(port)

    def entries(self) -> list[Entry]:
        """All that was done to the ports of this test."""
        return self._ledger.entries(self._options.test)

    def _choose(self, options: Options) -> None:
        self._options = options
        self._redirect.choose(options)


def _redirect_of(config: pytest.Config, tracker: Tracker) -> Redirect:
    """The redirect of this process, beneath the tracker's wraps: they see what the code under test said."""
    found = config.stash.get(_REDIRECT, None)
    if found is None:
        channel = config.stash[_CHANNEL] = Channel()
        config.add_cleanup(channel.close)
        found = config.stash[_REDIRECT] = Redirect(Ledger(channel.address))
        found.rest()
        found.install(zmq.Socket, tracker.beneath)
        config.add_cleanup(found.uninstall)
    return found


def remapping(request: pytest.FixtureRequest) -> Iterator[Remap]:
    """The fixture: remaps while the test runs, and tells the guard what its ports lacked."""
    guard = guard_of(request.config)
    watched = guard.watched
    assert watched is not None, "the guard watches every test that asks for a zmq fixture"
    redirect = _redirect_of(request.config, guard.tracker)
    channel = request.config.stash[_CHANNEL]
    environment = Inherited(channel.address)
    try:
        remap = Remap(redirect, Options(channel.next_test(), watched.settings.remap))
        yield remap
        if watched.settings.leaks != "off":
            for verdict in judge(remap.entries()):
                told = finding(verdict, watched.node_id, guard.root)
                watched.add(told, fails=watched.settings.leaks == "error")
    finally:
        environment.end()
        redirect.rest()
