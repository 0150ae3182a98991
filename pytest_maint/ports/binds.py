"""What a process binds, as it happens: sockets of Python by an audit hook, those of libzmq by a wrap."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, NamedTuple

from . import site

_FAMILIES = (socket.AF_INET, socket.AF_INET6)
_ZMQ = "zmq.sugar.socket"
# A lease tries its port out.
_OWN = "maint.ports."
# Who looks for a free port binds many, and keeps none.
_SEARCHES = ("bind_to_random_port",)
# zmq_remap's answer to whether an endpoint is sent elsewhere, and then opens no port.
_MOVES = "_maint_moves"


class Bind(NamedTuple):
    """One call of bind, before the kernel has decided; of a ``chosen`` port of libzmq's, after it has.

    ``chosen`` ports are the kernel's choice, 0 so far for a socket of Python, or were found by trying.
    ``inode`` is 0 for a socket of libzmq. ``shares`` is the option by which others get onto the port as
    well, if any. ``modules`` are those that the call came through.
    """

    proto: str
    host: str
    port: int
    chosen: bool
    inode: int
    shares: str
    what: str
    site: site.Site
    thread: int
    modules: tuple[str, ...]


Sink = Callable[[Bind], None]

# An audit hook is the process's, and cannot be removed: it asks here who wants to know.
_SINKS: list[Sink] = []
_HOOKED: list[Callable[..., None]] = []
_WRAPPED: list[type] = []


def watch(sink: Sink) -> None:
    """Tell ``sink`` of every bind to an address of IP; what it raises, the caller of bind gets."""
    _SINKS.append(sink)
    if not _HOOKED:
        _HOOKED.append(_heard)
        sys.addaudithook(_heard)
    _wrap_zmq()


def unwatch(sink: Sink) -> None:
    """The contrary; the latest one that is left hears of the next bind."""
    _SINKS.remove(sink)


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    __tracebackhide__ = True
    if event == "socket.bind":
        if _SINKS:
            made, address = arguments
            caller = sys._getframe(1)
            if str(caller.f_globals.get("__name__")).startswith(_OWN):
                return
            if made.family in _FAMILIES and isinstance(address, tuple) and len(address) >= 2:
                _SINKS[-1](_of_socket(made, address, caller))
    elif event == "import" and _SINKS and _ZMQ in sys.modules:
        # A test may import zmq in its body, and bind on the next line.
        _wrap_zmq()


def _of_socket(made: Any, address: tuple[Any, ...], frame: FrameType) -> Bind:
    proto = "udp" if made.type == socket.SOCK_DGRAM else "tcp"
    host, port = address[:2]
    number = port if isinstance(port, int) and 0 <= port <= 65535 else 0
    return Bind(
        proto,
        str(host),
        number,
        number == 0,
        _inode(made),
        _shares(made, proto),
        f"{proto} socket",
        site.of_calls(site.calls(frame)),
        threading.get_native_id(),
        _modules(frame),
    )


def _inode(made: Any) -> int:
    try:
        return os.fstat(made.fileno()).st_ino
    except OSError:
        return 0


def _shares(made: Any, proto: str) -> str:
    """UDP needs no more than SO_REUSEADDR for it."""
    for name in ("SO_REUSEPORT", "SO_REUSEADDR") if proto == "udp" else ("SO_REUSEPORT",):
        with contextlib.suppress(OSError, AttributeError):
            if made.getsockopt(socket.SOL_SOCKET, getattr(socket, name)):
                return name
    return ""


def _modules(frame: FrameType | None) -> tuple[str, ...]:
    """As far as the test or the fixture, which pytest calls: whoever called pytest has not bound anything."""
    found: dict[str, None] = {}
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.startswith("_pytest."):
            break
        found[name] = None
        frame = frame.f_back
    return tuple(found)


def _wrap_zmq() -> None:
    module = sys.modules.get(_ZMQ)
    kind = getattr(module, "Socket", None)
    if kind is None or kind in _WRAPPED:
        return
    _WRAPPED.append(kind)
    bind = kind.bind

    def watched_bind(self: Any, addr: Any) -> Any:
        __tracebackhide__ = True
        place = _tcp(addr) if _SINKS else None
        if place is None or getattr(kind, _MOVES, _stays)(addr):
            return bind(self, addr)
        frame = next(site.calls(sys._getframe(1)), None)
        chosen = place[1] == 0 or (frame is not None and frame.f_code.co_name in _SEARCHES)
        if not chosen:
            _SINKS[-1](_of_zmq(self, place, frame))
            return bind(self, addr)
        result = bind(self, addr)
        if (found := _tcp(self.last_endpoint.rstrip(b"\0"))) is not None:
            _SINKS[-1](_of_zmq(self, found, frame, chosen=True))
        return result

    watched_bind.__doc__ = bind.__doc__
    kind.bind = watched_bind


def _stays(_: object) -> bool:
    return False


def _of_zmq(made: Any, place: tuple[str, int], frame: FrameType | None, *, chosen: bool = False) -> Bind:
    what = f"zmq {getattr(made.type, 'name', made.type)}"
    found = site.of_calls(site.calls(frame))
    return Bind("tcp", *place, chosen, 0, "", what, found, threading.get_native_id(), _modules(frame))


def _tcp(addr: object) -> tuple[str, int] | None:
    """Host and port of ``tcp://*:5556``, 0 for a port that the kernel chooses; None of other transports."""
    text = addr.decode(errors="replace") if isinstance(addr, bytes) else str(addr)
    scheme, _, rest = text.partition("://")
    host, _, port = rest.rpartition(":")
    # "eth0;10.0.0.1:5556": the source address of outgoing connections comes first
    host = host.rpartition(";")[2]
    if scheme.lower() != "tcp" or not (port == "*" or (port.isascii() and port.isdigit())):
        return None
    return (host.strip("[]") or "*", 0 if port == "*" else int(port))
