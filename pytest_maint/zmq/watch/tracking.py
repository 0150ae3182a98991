"""One set of wraps around pyzmq's classes: who created which socket where, and what it does.

Class attributes are wrapped, not module names: ``from zmq import Context`` and ``zmq.asyncio`` are covered.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import zmq

from .records import ContextRecord, Site, SocketRecord, caller
from .waiting import TIMEOUTS, Waits

__tracebackhide__ = True
_MISSING = object()


class Defaults(NamedTuple):
    """Options of sockets that set none of their own, in milliseconds."""

    timeout: int
    linger: int


class Watcher:
    """What a guard does at the moments that the wraps see; each default does nothing."""

    def waited(self, record: SocketRecord, verb: str, error: zmq.Again) -> None:
        """A blocking ``receive``, ``send`` or ``poll`` ran out of time."""

    def patient(self, record: SocketRecord) -> bool:
        """Whether a wait that ran out of time goes on instead."""
        return False

    def opening(self, record: SocketRecord, verb: str, endpoint: str) -> None:
        """Before a bind or connect; may refuse by raising."""

    def setting(self, record: SocketRecord, option: int) -> None:
        """Before an option is set; may refuse by raising."""

    def monitoring(self, record: SocketRecord) -> None:
        """Before a socket is monitored; may refuse by raising."""

    def closing(self, record: SocketRecord) -> None:
        """A socket was closed while another thread is in it; it is left to that thread."""

    def terminate(self, record: ContextRecord, context: zmq.Context[Any], call: Callable[[], None]) -> None:
        """Terminate a context that may not end by itself; ``call`` is pyzmq's own way."""
        call()


class Tracker:
    """The wraps, and what they have seen; a ``watcher`` is asked at the moments that matter.

    ``defaults`` are given to sockets created from now on; ``owner`` is written into records created from now
    on, and that of ``owners`` where one of its threads creates. Trackers nest: the one that was installed
    last is asked first, and undone first.
    """

    def __init__(self, watcher: Watcher | None = None) -> None:
        self.sockets: list[SocketRecord] = []
        self.contexts: list[ContextRecord] = []
        self.watcher = watcher or Watcher()
        self.defaults: Defaults | None = None
        self.poll_limit: int | None = None  # milliseconds that a poll without a limit may take
        self.owner: object = None
        self.owners: dict[threading.Thread, object] = {}
        self._making: tuple[int, Site] | None = None
        self._key = f"_maint_{id(self):x}"
        self._by_handle: dict[int, SocketRecord] = {}
        self._contexts: dict[int, ContextRecord] = {}
        self._replaced: list[tuple[type, str, Any, Any]] = []
        self._pyzmq: dict[str, Callable[..., Any]] = {}
        self._waits = Waits(self)
        self._pid = os.getpid()

    def install(self) -> None:
        """Put the wraps in place."""
        self.replace(zmq.Context, "__init__", self._context_init)
        self.replace(zmq.Context, "__del__", self._context_del)
        self.replace(zmq.Context, "term", self._term)
        self.replace(zmq.Socket, "__init__", self._socket_init)
        self.replace(zmq.Socket, "__del__", self._socket_del)
        self.replace(zmq.Socket, "close", self._close)
        for verb in ("bind", "connect", "unbind", "disconnect"):
            self.replace(zmq.Socket, verb, functools.partial(self._endpoint, verb))
        for name in ("set", "setsockopt"):
            self.replace(zmq.Socket, name, self._set)
        self.replace(zmq.Socket, "get_monitor_socket", self._monitor)
        self._waits.install()

    def uninstall(self) -> None:
        """Put back what was there, except where another wrap has been laid over ours since."""
        for owner, name, ours, before in reversed(self._replaced):
            if owner.__dict__.get(name) is not ours:
                continue
            if before is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
        self._replaced.clear()
        self.watcher, self.defaults, self.poll_limit = Watcher(), None, None

    def record_of(self, socket: zmq.Socket[Any]) -> SocketRecord | None:
        """What is known of ``socket``; None where it was created before the wraps."""
        found: SocketRecord | None = socket.__dict__.get(self._key)
        return found

    def context_of(self, context: zmq.Context[Any]) -> ContextRecord:
        """What is known of ``context``."""
        handle = int(context.underlying)
        found = self._contexts.get(handle)
        if found is None:
            found = ContextRecord(context, caller(sys._getframe(1)), known=False, owner=None)
            self._contexts[handle] = found
        return found

    def end(self, context: zmq.Context[Any]) -> None:
        """Terminate ``context`` as pyzmq does, without asking the watcher: it may never come back."""
        record = self.context_of(context)
        self._pyzmq["term"](context)
        self._ended(record)

    def make(self, site: Site, make: Callable[[], Any]) -> Any:
        """What ``make`` creates is of a fixture, which will close it, for the line ``site`` of a test."""
        self._making = threading.get_ident(), site
        try:
            return make()
        finally:
            self._making = None

    def _made_here(self) -> Site | None:
        """For whom a fixture creates something in this very thread; None where none does."""
        making = self._making
        return making[1] if making is not None and making[0] == threading.get_ident() else None

    def _owner_here(self) -> object:
        return self.owners.get(threading.current_thread(), self.owner) if self.owners else self.owner

    def _ended(self, record: ContextRecord) -> None:
        record.terminated = True
        self._contexts.pop(record.handle, None)

    def take(self, owner: object) -> tuple[list[SocketRecord], list[ContextRecord]]:
        """Hand over the records of ``owner``, and drop those of nobody that are closed."""
        sockets, contexts = self.sockets, self.contexts
        self.sockets = [
            each
            for each in sockets
            if each.owner is not owner and (each.owner is not None or not each.closed)
        ]
        self.contexts = [
            each
            for each in contexts
            if each.owner is not owner and (each.owner is not None or not each.terminated)
        ]
        return (
            [each for each in sockets if each.owner is owner],
            [each for each in contexts if each.owner is owner],
        )

    def pyzmq(self, name: str) -> Callable[..., Any]:
        """What one of the wraps stands in front of: the method of pyzmq, or what was laid `beneath`."""
        return self._pyzmq[name]

    def replace(self, owner: type, name: str, wrap: Callable[..., Any]) -> None:
        """Lay ``wrap(original)`` over a method, until `uninstall`."""
        original = getattr(owner, name)
        if owner in (zmq.Socket, zmq.Context):
            self._pyzmq[name] = original
        before = owner.__dict__.get(name, _MISSING)
        ours = functools.wraps(original)(wrap(original))
        setattr(owner, name, ours)
        self._replaced.append((owner, name, ours, before))

    def beneath(self, name: str, wrap: Callable[..., Any]) -> None:
        """Lay ``wrap(original)`` over a method of sockets, beneath the wrap of ours, until `uninstall`."""
        if name in self._pyzmq:
            self._pyzmq[name] = wrap(self._pyzmq[name])
        else:
            self.replace(zmq.Socket, name, wrap)

    def _context_init(self, original: Callable[..., None]) -> Callable[..., None]:
        def __init__(context: Any, *args: Any, **kwargs: Any) -> None:
            original(context, *args, **kwargs)
            if not context._shadow:
                made = self._made_here()
                site = made or caller(sys._getframe(1))
                record = ContextRecord(context, site, known=True, owner=self._owner_here())
                record.fixture = made is not None
                self._contexts[record.handle] = record
                self.contexts.append(record)

        return __init__

    def _context_del(self, original: Callable[..., None]) -> Callable[..., None]:
        def __del__(context: Any) -> None:
            if context._shadow or getattr(context, "closed", True) or self._pid != os.getpid():
                return original(context)
            record = self.context_of(context)
            record.collected = True
            try:
                original(context)
            finally:
                # pyzmq warns before it destroys; where the warning is an error it never would.
                if not context.closed and not record.abandoned:
                    context.destroy()
            return None

        return __del__

    def _term(self, original: Callable[..., None]) -> Callable[..., None]:
        def term(context: Any) -> None:
            if context.closed or self._pid != os.getpid():
                return original(context)
            record = self.context_of(context)
            call = functools.partial(original, context)
            if record.known and not record.holders:
                call()
            else:
                self.watcher.terminate(record, context, call)
            if not record.abandoned:
                self._ended(record)
            return None

        return term

    def _socket_init(self, original: Callable[..., None]) -> Callable[..., None]:
        def __init__(socket: Any, *args: Any, **kwargs: Any) -> None:
            original(socket, *args, **kwargs)
            if socket._shadow:
                shadowed = self._by_handle.get(int(socket.underlying))
                if shadowed is not None:
                    socket.__dict__[self._key] = shadowed
                return
            # libzmq gives an address to a later socket, whose record this is not.
            made = self._made_here()
            site = made or caller(sys._getframe(1))
            context = self.context_of(socket.context)
            record = SocketRecord(socket, context, site, owner=self._owner_here())
            context.sockets.append(record)
            self._by_handle[record.handle] = record
            self.sockets.append(record)
            if made is not None:
                record.fixture = True
            if self.defaults is not None:
                timeout, linger = self.defaults
                set_option = self._pyzmq["set"]
                set_option(socket, zmq.RCVTIMEO, timeout)
                set_option(socket, zmq.SNDTIMEO, timeout)
                set_option(socket, zmq.LINGER, linger if made is None else 0)
                record.bounded = True
            socket.__dict__[self._key] = record
            self._waits.install_awaited()

        return __init__

    def _socket_del(self, original: Callable[..., None]) -> Callable[..., None]:
        def __del__(socket: Any) -> None:
            record = socket.__dict__.get(self._key)
            if record is None or socket._shadow or socket.closed:
                return original(socket)
            record.collected = True
            try:
                original(socket)
            finally:
                # pyzmq warns before it closes; where the warning is an error it would never close.
                if not socket.closed:
                    socket.close()
            return None

        return __del__

    def _close(self, _original: Callable[..., None]) -> Callable[..., None]:
        def close(socket: Any, linger: int | None = None) -> None:
            record = socket.__dict__.get(self._key)
            if record is None or record.closed or socket.closed or self._pid != os.getpid():
                self._pyzmq["close"](socket, linger)
                return None
            if record.doing and record.user is not threading.current_thread():
                # libzmq would abort the process: the thread that is in there closes when it comes out
                record.deferred = True
                return self.watcher.closing(record)
            if linger is not None:
                record.lingers = linger < 0
                linger = self._bounded(zmq.LINGER, linger)
            if record.sent:
                record.linger = self._lingers(socket) if linger is None else linger
            self._pyzmq["close"](socket, linger)
            record.closed = True
            self._by_handle.pop(record.handle, None)
            if not record.holds and record in record.context.sockets:
                record.context.sockets.remove(record)
            return None

        return close

    def _lingers(self, socket: Any) -> int:
        try:
            return int(socket.getsockopt(zmq.LINGER))
        except zmq.ZMQError:  # its context is being terminated, and it can only be closed
            return 0

    def _endpoint(self, verb: str, _original: Callable[..., Any]) -> Callable[..., Any]:
        def call(socket: Any, addr: str | bytes) -> Any:
            record = socket.__dict__.get(self._key)
            if record is None:
                return self._pyzmq[verb](socket, addr)
            asked = addr.decode("utf-8", "replace") if isinstance(addr, bytes) else addr
            record.user = threading.current_thread()
            if verb in ("bind", "connect"):
                self.watcher.opening(record, verb, asked)
            result = self._pyzmq[verb](socket, addr)
            self._note(socket, record, verb, asked)
            return result

        return call

    def _note(self, socket: Any, record: SocketRecord, verb: str, asked: str) -> None:
        endpoint = asked
        if verb == "bind" and asked.endswith((":*", ":0")):
            endpoint = socket.get(zmq.LAST_ENDPOINT).decode("utf-8", "replace")
        kept = record.bound if verb in ("bind", "unbind") else record.connected
        if verb in ("bind", "connect"):
            kept.append(endpoint)
        elif endpoint in kept:
            kept.remove(endpoint)

    def _set(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def set(socket: Any, option: int, optval: Any) -> Any:
            record = socket.__dict__.get(self._key)
            if record is not None:
                self.watcher.setting(record, option)
                if option in TIMEOUTS:
                    record.bounded = optval < 0 and self.defaults is not None
                elif option == zmq.LINGER:
                    record.lingers = optval < 0
                optval = self._bounded(option, optval)
            return original(socket, option, optval)

        return set

    def _bounded(self, option: int, value: Any) -> Any:
        """``value``, but nothing waits or lingers for ever while there are defaults."""
        if self.defaults is None or not isinstance(value, int) or value >= 0:
            return value
        if option in TIMEOUTS:
            return self.defaults.timeout
        return self.defaults.linger if option == zmq.LINGER else value

    def _monitor(self, _original: Callable[..., Any]) -> Callable[..., Any]:
        def get_monitor_socket(socket: Any, *args: Any, **kwargs: Any) -> Any:
            record = socket.__dict__.get(self._key)
            if record is not None:
                self.watcher.monitoring(record)
            monitor = self._pyzmq["get_monitor_socket"](socket, *args, **kwargs)
            watched = monitor.__dict__.get(self._key)
            if watched is not None:
                watched.monitor = True
                watched.fixture = record is not None and record.fixture
            return monitor

        return get_monitor_socket
