"""A context of a fixture's own: sockets that never linger, names that nobody else has, and an end in time."""

from __future__ import annotations

import contextlib
import functools
import itertools
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import zmq

from maint.errors import MaintError

from .report.findings import stuck
from .watch.ending import finish
from .watch.records import Site, caller

if TYPE_CHECKING:
    from .guard import Guard

__tracebackhide__ = True
_SESSION = secrets.token_hex(4)
_NUMBERS = itertools.count(1)


class OwnContext:
    """The context of one fixture in one test; created with its first socket."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._context: zmq.Context[Any] | None = None
        self._sockets: list[Any] = []  # a test may keep one end only; the collector would close the other
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def context(self) -> zmq.Context[Any]:
        """The libzmq context."""
        return self._context or self._begin(caller(sys._getframe(1)))

    def _begin(self, site: Site) -> zmq.Context[Any]:
        made: zmq.Context[Any] = self._guard.tracker.make(site, zmq.Context)
        self._context = made
        return made

    def socket(self, type: int, site: Site, *, aio: bool = False) -> Any:
        """A socket that the fixture closes, for the line ``site``; MaintError for asyncio where trio runs."""
        options = {}
        if aio:
            from zmq.asyncio import Socket

            _refuse_trio()
            options = {"socket_class": Socket}
        context = self._context or self._begin(site)
        create = functools.partial(context.socket, type, **options)
        socket = self._guard.tracker.make(site, create)
        self._sockets.append(socket)
        return socket

    def bind(self, socket: Any, transport: str) -> str:
        """Bind to an endpoint that nobody else has, and return it."""
        if transport == "tcp":
            socket.bind("tcp://127.0.0.1:*")
            return str(socket.get(zmq.LAST_ENDPOINT).decode())
        name = f"maint-{_SESSION}-{next(_NUMBERS)}"
        if transport == "inproc":
            endpoint = f"inproc://{name}"
            self._guard.inproc.made(endpoint, int(self.context.underlying))
        else:
            endpoint = f"ipc://{self._ipc(name)}"
        socket.bind(endpoint)
        return endpoint

    @contextlib.contextmanager
    def unbounded(self) -> Iterator[None]:
        """Sockets that are created meanwhile are the fixture's, and may wait as long as they like."""
        tracker = self._guard.tracker
        defaults, tracker.defaults = tracker.defaults, None
        known = len(tracker.sockets)
        try:
            yield
        finally:
            tracker.defaults = defaults
            for record in tracker.sockets[known:]:
                record.fixture = True

    def end(self) -> None:
        """Close and terminate; what does not end within 2 s is left behind, and fails the test as ZMQ002."""
        context, self._context = self._context, None
        if context is None or context.closed:
            return
        guard = self._guard
        record = guard.tracker.context_of(context)
        for each in record.sockets:
            # Sockets that the test added to our context, and that we are about to close for it.
            each.swept = not each.fixture and not each.monitor and not each.closed
        if not finish(record, context, lambda: guard.tracker.end(context)) and guard.watched is not None:
            guard.watched.add(stuck(guard.watched.node_id, record, guard.root), fails=True)
        guard.inproc.forget(record.handle)
        self._sockets.clear()
        if self._folder is not None:
            self._folder.cleanup()

    def _ipc(self, name: str) -> str:
        if sys.platform == "linux":
            return f"@{name}"  # an abstract name: no file to leave behind
        if self._folder is None:
            # Not the test's own folder: the path of such a socket has at most 103 bytes.
            self._folder = tempfile.TemporaryDirectory(prefix="mz", dir="/tmp")
        return str(Path(self._folder.name) / name)


def _refuse_trio() -> None:
    trio = sys.modules.get("trio")
    running: Callable[[], bool] | None = getattr(getattr(trio, "lowlevel", None), "in_trio_run", None)
    if running is not None and running():
        raise MaintError(
            "aio: pyzmq knows asyncio and this test runs on trio; run it with the anyio_backend 'asyncio', "
            "or make blocking sockets and use them in trio.to_thread"
        )
