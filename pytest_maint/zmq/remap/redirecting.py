"""Sends the tcp endpoints of pyzmq's sockets elsewhere, and answers in tcp terms.

Runs in the process of the tests and in its children: the standard library and zmq only.
"""

from __future__ import annotations

import errno
import functools
import itertools
import os
import sys
import time

import zmq

from .endpoints import Tcp, is_local, parse
from .ledger import Entry, Ledger, Options

TYPE_CHECKING = False  # not from typing, which a child would have to import
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Wrap = Callable[[Callable[..., Any]], Callable[..., Any]]

__tracebackhide__ = True
_INVENTED = range(49152, 65536)  # IANA's dynamic ports, where a system chooses as well
_REAPED_S = 2.0  # libzmq closes a listener a moment after close() has returned
_REMOVED_S = 0.2
_NAMES = ("bind", "connect", "unbind", "disconnect", "get", "getsockopt", "close", "get_monitor_socket")
_NUMBERS = itertools.count(1)
# The attribute of a socket class that says whether an endpoint is sent elsewhere.
MOVES = "_maint_moves"


class _Remapped:
    """One endpoint of one socket: what the code said, what libzmq was told."""

    __slots__ = ("binds", "port", "real", "said", "token")

    def __init__(self, port: int, said: str, real: str, *, binds: bool) -> None:
        self.port = port
        self.said = said
        self.real = real
        self.binds = binds
        self.token = f"{os.getpid()}-{next(_NUMBERS)}"

    def answers_to(self, addr: object) -> bool:
        """Whether ``addr`` undoes it: in tcp terms, or as pyzmq's context managers remember it.

        libzmq knows a wildcard only by the address that ``LAST_ENDPOINT`` says.
        """
        tcp = parse(addr)
        return addr == self.real if tcp is None else tcp.host != "*" and tcp.port == self.port


class Redirect:
    """Wraps methods of one socket class; ``options`` are asked of the ledger where they are not given."""

    def __init__(self, ledger: Ledger, options: Options | None = None) -> None:
        self.ledger = ledger
        self.options = options
        self._is_asleep = False
        # by the address of the libzmq socket, which its shadows share
        self._sockets: dict[int, list[_Remapped]] = {}
        self._refused: dict[int, list[_Remapped]] = {}
        self._before: dict[str, Any] = {}
        self._class: Any = None
        self._parse_monitor_message: Any = None

    def install(self, socket_class: Any, lay: Callable[[str, Wrap], None] | None = None) -> None:
        """Lay a wrap over each method; who imported the class, or subclassed it before, is redirected too.

        ``lay(name, wrap)`` is to put ``wrap(original)`` in the place of ``original``: by default as an
        attribute of the class, over whatever wraps are there.
        """
        self._class = socket_class
        for name in _NAMES:
            if hasattr(socket_class, name):
                (lay or self._lay)(name, functools.partial(self._wrapped, getattr(self, f"_{name}")))
        # For the guard over ports: what is moved opens no port.
        self._before[MOVES] = socket_class.__dict__.get(MOVES)
        setattr(socket_class, MOVES, staticmethod(lambda addr: not self._leaves(parse(addr))))

    def _lay(self, name: str, wrap: Wrap) -> None:
        self._before[name] = self._class.__dict__.get(name)
        setattr(self._class, name, wrap(getattr(self._class, name)))

    def _wrapped(self, redirected: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
        def method(socket: Any, *args: Any, **kwargs: Any) -> Any:
            if self._is_asleep and not self._sockets:
                return original(socket, *args, **kwargs)
            return redirected(original, socket, *args, **kwargs)

        method.__name__ = method.__qualname__ = original.__name__
        method.__doc__ = original.__doc__
        return method

    def uninstall(self) -> None:
        """Leave the class as it was found; sockets that are still open stay where they are."""
        for name, before in self._before.items():
            if before is None:
                delattr(self._class, name)
            else:
                setattr(self._class, name, before)
        self._before.clear()
        if self._parse_monitor_message is not None:
            from zmq.utils import monitor

            monitor.parse_monitor_message = self._parse_monitor_message
            self._parse_monitor_message = None

    def choose(self, options: Options) -> None:
        """Remap like this from now on, in all processes of the test."""
        self.options = options
        self._is_asleep = not options.transport
        self.ledger.choose(options)

    def rest(self) -> None:
        """No test remaps: endpoints are left as they are, in this process and in children still to start."""
        self.choose(Options(0, ""))

    def real(self, port: int) -> str:
        """Where a port of the current test is."""
        assert self.options is not None
        options = self.options
        if options.transport == "inproc":
            return f"inproc://maint-{options.test}-{port}"
        return f"{self.ledger.address.base}{options.test}-{port}"

    def _chosen(self) -> Options | None:
        if self.options is None:
            self.options = self.ledger.options()
        return self.options

    def _leaves(self, tcp: Tcp | None) -> bool:
        """Whether an endpoint is none of ours."""
        options = self._chosen() if tcp is not None else None
        if options is None or tcp is None or not options.transport:
            return True
        return tcp.host in options.leave or str(tcp.port) in options.leave

    def _bind(self, original: Callable[..., Any], socket: Any, addr: Any) -> Any:
        tcp = parse(addr)
        if tcp is None or self._leaves(tcp):
            return original(socket, addr)
        if tcp.port:
            return self._bind_port(original, socket, tcp)
        start = os.getpid() * 61 % len(_INVENTED)
        for port in (*_INVENTED[start:], *_INVENTED[:start]):
            if self._holder(port) is None:
                try:
                    return self._bind_port(original, socket, Tcp(tcp.host, port))
                except zmq.ZMQError as error:
                    if error.errno != errno.EADDRINUSE:
                        raise
        raise zmq.ZMQError(errno.EADDRINUSE, f"{addr}: all {len(_INVENTED)} ports are bound")

    def _bind_port(self, original: Callable[..., Any], socket: Any, tcp: Tcp) -> Any:
        one = _Remapped(tcp.port, tcp.bound(ipv6=bool(socket.ipv6)), self.real(tcp.port), binds=True)
        self._refuse_crossing(socket, one)
        with self.ledger.alone():
            self._refuse_second(socket, one)
            _await_removal(one.real)
            self._remember(socket, one)
            try:
                done = _patient(original, socket, one.real)
            except zmq.ZMQError as error:
                self._forget(socket, one)
                error.strerror = error.strerror.replace(one.real, str(tcp))
                raise
            self._note("bind", socket, one)
        for refused in self._refused.pop(socket.underlying, ()):
            self._note("retried", socket, refused)
        return done

    def _refuse_second(self, socket: Any, one: _Remapped) -> None:
        holder = self._holder(one.port)
        if holder is None:
            return
        self._note("refused", socket, one)
        self._refused.setdefault(socket.underlying, []).append(one)
        raise zmq.ZMQError(
            errno.EADDRINUSE,
            f"port {one.port}: bound by {holder}, and again by {_us(socket)}; "
            "give one of them a port of its own; PORT014",
        )

    def _holder(self, port: int) -> Entry | None:
        assert self.options is not None
        return self.ledger.holder(self.options.test, port)

    def _connect(self, original: Callable[..., Any], socket: Any, addr: Any) -> Any:
        tcp = parse(addr)
        if tcp is None or not tcp.port or self._leaves(tcp):
            return original(socket, addr)
        one = _Remapped(tcp.port, str(tcp), self.real(tcp.port), binds=False)
        if not is_local(tcp.host, self.options.local):  # type: ignore[union-attr]
            self._note("remote", socket, one)
            raise zmq.ZMQError(
                errno.EHOSTUNREACH,
                f"{tcp}: {tcp.host} is not this machine, and zmq_remap connects to no other; call "
                f"zmq_remap(local=[{tcp.host!r}]) or zmq_remap(leave=[{tcp.host!r}]); ZMQ022",
            )
        self._refuse_crossing(socket, one)
        self._note("connect", socket, one)
        self._remember(socket, one)
        return original(socket, one.real)

    def _refuse_crossing(self, socket: Any, one: _Remapped) -> None:
        """Inproc never leaves a context: a peer elsewhere would wait without end."""
        options = self.options
        if options is None or options.transport != "inproc":
            return
        here = (os.getpid(), socket.context.underlying)
        other = "connect" if one.binds else "bind"
        for entry in self.ledger.entries(options.test):
            if entry.kind == other and entry.port == one.port and (entry.pid, entry.context) != here:
                self._note("crossed", socket, one)
                where = "another context" if entry.pid == here[0] else "another process"
                done, now = ("connected", "bound") if one.binds else ("bound", "connected")
                raise zmq.ZMQError(
                    errno.ECONNREFUSED,
                    f"port {one.port}: {done} by {entry}, and {now} by {_us(socket)} in {where}, which "
                    "inproc never reaches; use remap='ipc'; ZMQ020",
                )

    def _unbind(self, original: Callable[..., Any], socket: Any, addr: Any) -> Any:
        return self._undo(original, socket, addr, binds=True)

    def _disconnect(self, original: Callable[..., Any], socket: Any, addr: Any) -> Any:
        return self._undo(original, socket, addr, binds=False)

    def _undo(self, original: Callable[..., Any], socket: Any, addr: Any, *, binds: bool) -> Any:
        for one in self._sockets.get(socket.underlying, ()):
            if one.binds == binds and one.answers_to(addr):
                done = original(socket, one.real)
                self._forget(socket, one)
                self._note("unbind" if binds else "disconnect", socket, one)
                return done
        return original(socket, addr)

    def _get(self, original: Callable[..., Any], socket: Any, option: int) -> Any:
        value = original(socket, option)
        if option != zmq.LAST_ENDPOINT or not isinstance(value, bytes):
            return value
        real = value.rstrip(b"\0").decode("utf-8", "replace")
        said = [one.said for one in self._sockets.get(socket.underlying, ()) if one.real == real]
        return said[-1].encode() if said else value

    _getsockopt = _get

    def _close(self, original: Callable[..., Any], socket: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            ours = [] if socket.closed else self._sockets.pop(socket.underlying, [])
            return original(socket, *args, **kwargs)
        finally:
            for one in ours:
                # a forked child lets go of a socket that its parent has
                if one.binds and one.token.startswith(f"{os.getpid()}-"):
                    self._note("unbind", socket, one)

    def _get_monitor_socket(
        self, original: Callable[..., Any], socket: Any, *args: Any, **kwargs: Any
    ) -> Any:
        from zmq.utils import monitor

        if self._parse_monitor_message is None:
            self._parse_monitor_message = before = monitor.parse_monitor_message

            def parse_monitor_message(msg: Any) -> Any:
                event = before(msg)
                event["endpoint"] = self._said(event["endpoint"])
                return event

            monitor.parse_monitor_message = parse_monitor_message
        return original(socket, *args, **kwargs)

    def _said(self, endpoint: bytes) -> bytes:
        """An endpoint of an event; the monitor's socket does not know which socket it watches."""
        real = endpoint.decode("utf-8", "replace")
        for remapped in list(self._sockets.values()):
            for one in remapped:
                if one.real == real:
                    return one.said.encode()
        prefix = self.ledger.address.base
        if real.startswith(prefix):  # of a socket that is closed by now
            return str(Tcp("127.0.0.1", int(real.rpartition("-")[2]))).encode()
        return endpoint

    def _remember(self, socket: Any, one: _Remapped) -> None:
        self._sockets.setdefault(socket.underlying, []).append(one)

    def _forget(self, socket: Any, one: _Remapped) -> None:
        self._sockets[socket.underlying].remove(one)

    def _note(self, kind: str, socket: Any, one: _Remapped) -> None:
        assert self.options is not None
        context = 0 if socket.closed else socket.context.underlying
        self.ledger.add(
            Entry(
                self.options.test,
                kind,
                one.port,
                one.said,
                _type(socket),
                _place(),
                os.getpid(),
                one.token,
                context,
            )
        )


def _patient(bind: Callable[..., Any], socket: Any, endpoint: str) -> Any:
    """Bind what nobody holds by our ledger: a listener that was closed may not be gone yet."""
    deadline = time.monotonic() + _REAPED_S
    while True:
        try:
            return bind(socket, endpoint)
        except zmq.ZMQError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise
        time.sleep(0.001)


def _await_removal(endpoint: str) -> None:
    """Let a listener that is closing remove its file: it would otherwise remove ours.

    Where sockets are abstract there is no file; a process that was killed leaves one that nobody removes.
    """
    path = endpoint.removeprefix("ipc://")
    deadline = time.monotonic() + _REMOVED_S
    while path.startswith("/") and os.path.exists(path) and time.monotonic() < deadline:  # noqa: PTH110
        time.sleep(0.001)


def _us(socket: Any) -> str:
    return f"{_type(socket)} at {_place()}, process {os.getpid()}"


def _type(socket: Any) -> str:
    return str(socket._type_name)


def _place() -> str:
    """``file:line`` of the code that uses the socket: the first frame that is neither ours nor pyzmq's."""
    plugin = __file__.rpartition(os.path.join("zmq", "remap"))[0]  # noqa: PTH118 - other guards of it wrap as well
    inside = (plugin, os.path.dirname(zmq.__file__) + os.sep)  # noqa: PTH120
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(inside):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
