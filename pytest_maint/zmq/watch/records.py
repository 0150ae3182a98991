"""What is known of a socket or context: who created it where, its endpoints, and who uses it."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any, NamedTuple

import zmq

_HERE = str(Path(__file__).parents[1])
_LIBRARY = str(Path(zmq.__file__).parent)
# Frames of these are never who created a socket: pyzmq, this package, and what stands between.
_PASSED = (_HERE, _LIBRARY)
# pyzmq's own context, which frees the buffers of messages sent without a copy.
_GARBAGE = str(Path(_LIBRARY) / "utils" / "garbage.py")

_CODE = (type, ModuleType, FunctionType, CodeType, FrameType, threading.Thread)
_FAR = 20_000  # objects


class Site(NamedTuple):
    """A line of code; ``path`` is as Python knows it."""

    path: str
    line: int
    function: str


def caller(frame: FrameType | None) -> Site:
    """The nearest frame, from ``frame`` outwards, that is neither pyzmq's nor ours."""
    last = frame
    while frame is not None:
        name = frame.f_code.co_filename
        if name == _GARBAGE or not name.startswith(_PASSED):
            return Site(name, frame.f_lineno, frame.f_code.co_name)
        last, frame = frame, frame.f_back
    return Site(last.f_code.co_filename, last.f_lineno, last.f_code.co_name) if last else Site("?", 0, "?")


def current_frames() -> dict[threading.Thread, FrameType]:
    """The innermost frame of every living thread: not by its ident, which a later thread is given again."""
    frames = sys._current_frames()
    return {each: frames[each.ident] for each in threading.enumerate() if each.ident in frames}


def holdings(value: object) -> set[int]:
    """The ids of the sockets and contexts that are reachable from ``value``, but not by code or modules."""
    found: set[int] = set()
    seen: set[int] = set()
    around = [value]
    while around and len(seen) < _FAR:
        each = around.pop()
        if id(each) in seen or isinstance(each, _CODE):
            continue
        seen.add(id(each))
        if isinstance(each, zmq.Socket | zmq.Context):
            found.add(id(each))
        around += gc.get_referents(each)
    return found


def internal(site: Site) -> bool:
    """Whether pyzmq created it for itself."""
    return site.path == _GARBAGE


class ContextRecord:
    """A libzmq context; all Python objects that shadow it share this record. ``handle`` is its address."""

    fixture = False  # made by a fixture of ours, which will end it
    terminated = False
    collected = False  # ended by the garbage collector
    abandoned = False

    def __init__(self, context: zmq.Context[Any], created: Site, *, known: bool, owner: object) -> None:
        self.handle = int(context.underlying)
        self.reference = weakref.ref(context)
        self.created = created
        self.known = known  # False: created before we looked, so it may hold sockets we never saw
        self.owner = owner
        self.sockets: list[SocketRecord] = []

    @property
    def holders(self) -> list[SocketRecord]:
        """The sockets that keep this context from ending."""
        return [record for record in self.sockets if record.holds]


class SocketRecord:
    """A libzmq socket; all Python objects that shadow it share this record.

    ``bound`` and ``connected`` are in the terms of the code that asked, before any translation.
    ``user`` is the thread that last sent or received, or that created it; ``doing`` is ``receive``, ``send``
    or ``poll`` while that goes on.
    """

    fixture = False  # made by a fixture of ours, which will close it
    monitor = False
    curve = False  # has been given CURVE keys
    bounded = False  # its time-outs are ours, not the code's
    sent = 0
    linger = 0  # milliseconds at its close
    lingers = True  # for ever, were it not for us: the code set no limit of its own
    closed = False
    collected = False  # closed by the garbage collector
    swept = False  # closed by a fixture of ours, which had not made it
    doing = ""
    deferred = False  # to be closed by the thread that is in it

    def __init__(
        self, socket: zmq.Socket[Any], context: ContextRecord, created: Site, *, owner: object
    ) -> None:
        self.type = str(socket._type_name)
        self.handle = int(socket.underlying)
        self.reference = weakref.ref(socket)
        self.context = context
        self.created = created
        self.owner = owner
        self.bound: list[str] = []
        self.connected: list[str] = []
        self.user = threading.current_thread()

    @property
    def endpoints(self) -> list[str]:
        """Bound and connected ones."""
        return [*self.bound, *self.connected]

    @property
    def holds(self) -> bool:
        """Whether it may keep its context from ending: open, or closed with messages that may linger."""
        return not self.closed or bool(self.linger and self.sent)

    @property
    def elsewhere(self) -> threading.Thread | None:
        """The living thread, other than this one, that last used it; it is not safe to close from here."""
        return self.user if self.user is not threading.current_thread() and self.user.is_alive() else None

    def position(self) -> Site | None:
        """Where the thread that uses it is now."""
        frame = current_frames().get(self.user)
        return caller(frame) if frame is not None else None
