"""Factories of connected pairs of sockets, over inproc, ipc or tcp, for blocking code and for asyncio."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Generic, Literal, TypedDict, TypeVar, Unpack, overload

import pytest
import zmq

from maint.errors import MaintError

from .contexts import OwnContext
from .guard import guard_of
from .handshake import introduce, join
from .watch.records import Site, caller

if TYPE_CHECKING:
    import zmq.asyncio

    Blocking = zmq.SyncSocket
    Awaited = zmq.asyncio.Socket

__tracebackhide__ = True
Transport = Literal["inproc", "ipc", "tcp"]
TRANSPORTS = ("inproc", "ipc", "tcp")
_BINDS_SECOND = {"REP", "PULL"}
_MEET_S = 5.0  # at least: a test with a short time-out is about its own messages, not about how its ends meet
_Server = TypeVar("_Server")
_Client = TypeVar("_Client")
_Kind = TypeVar("_Kind", bound="Pairs[Any, Any]")


class Options(TypedDict, total=False):
    """What every factory takes beside ``transport`` and ``aio``.

    ``timeout`` is seconds, ``hwm`` messages in both directions, ``identity`` the routing id of the end that
    connects. ``topics`` is of ``zmq_pub_sub`` alone: one or several to subscribe to, all (``b""``) unless
    given, none for ``()``.
    """

    timeout: float | None
    hwm: int | None
    identity: bytes | None
    topics: bytes | str | Iterable[bytes | str]


class Pairs(Generic[_Server, _Client]):
    """A factory of connected pairs; all of one test are closed when it ends.

    With ``aio="server"`` it makes a ``_Server``, with ``aio="client"`` a ``_Client``.
    """

    def __init__(self, own: OwnContext, first: str, second: str, timeout: float) -> None:
        self._own = own
        self._types = first, second
        self._timeout = timeout

    @overload
    def __call__(
        self, transport: Transport = ..., *, aio: Literal[False] = ..., **options: Unpack[Options]
    ) -> tuple[Blocking, Blocking]: ...
    @overload
    def __call__(
        self, transport: Transport = ..., *, aio: Literal[True], **options: Unpack[Options]
    ) -> tuple[Awaited, Awaited]: ...
    @overload
    def __call__(
        self, transport: Transport = ..., *, aio: Literal["server"], **options: Unpack[Options]
    ) -> _Server: ...
    @overload
    def __call__(
        self, transport: Transport = ..., *, aio: Literal["client"], **options: Unpack[Options]
    ) -> _Client: ...
    def __call__(
        self, transport: Transport = "inproc", *, aio: bool | str = False, **options: Unpack[Options]
    ) -> Any:
        """Make one more pair; ``aio`` makes both or one of them sockets of ``zmq.asyncio``."""
        return self._pair(transport, aio, options)

    def _pair(self, transport: str, aio: bool | str, options: Options) -> tuple[Any, Any]:
        if transport not in TRANSPORTS:
            raise MaintError(f"transport is {transport!r}; give one of {', '.join(TRANSPORTS)}")
        roles = ("client", "server") if self._types[1] in _BINDS_SECOND else ("server", "client")
        site = caller(sys._getframe(2))
        made = {
            role: self._socket(type, role, site, aio, options)
            for role, type in zip(roles, self._types, strict=True)
        }
        server, client = made["server"], made["client"]
        client.connect(self._own.bind(server, transport))
        timeout = max(_MEET_S, options.get("timeout") or self._timeout)
        if self._types == ("PUB", "SUB"):
            join(server, client, _topics(options.get("topics", b"")), timeout)
        elif self._types == ("ROUTER", "DEALER"):
            introduce(server, client, timeout)
        return made[roles[0]], made[roles[1]]

    def _socket(self, type: str, role: str, site: Site, aio: bool | str, options: Options) -> Any:
        socket = self._own.socket(getattr(zmq, type), site, aio=aio is True or aio == role)
        timeout, hwm, identity = options.get("timeout"), options.get("hwm"), options.get("identity")
        if timeout is not None:
            for option in (zmq.RCVTIMEO, zmq.SNDTIMEO):
                socket.setsockopt(option, round(timeout * 1000))
        if hwm is not None:
            socket.set_hwm(hwm)
        if identity is not None and role == "client":
            socket.setsockopt(zmq.ROUTING_ID, identity)
        return socket


class BindsFirst(Pairs["tuple[Awaited, Blocking]", "tuple[Blocking, Awaited]"]):
    """A factory whose first socket binds; ``aio="server"`` means that one."""


class BindsSecond(Pairs["tuple[Blocking, Awaited]", "tuple[Awaited, Blocking]"]):
    """A factory whose second socket binds; ``aio="server"`` means that one."""


class PubSub(BindsFirst):
    """The factory of publishers and subscribers."""

    def join(self, publisher: zmq.Socket[Any], subscriber: zmq.Socket[Any], *topics: bytes | str) -> None:
        """Subscribe to further topics, and return when the publisher knows.

        For any connected PUB and SUB of this process, before messages of the test are on their way. Other
        subscribers to everything see the handshake.
        """
        join(publisher, subscriber, _topics(topics), max(_MEET_S, self._timeout))


def binds_first(request: pytest.FixtureRequest, first: str, second: str) -> Iterator[BindsFirst]:
    """The body of a fixture whose first socket binds."""
    yield from _closing(request, BindsFirst, first, second)


def binds_second(request: pytest.FixtureRequest, first: str, second: str) -> Iterator[BindsSecond]:
    """The body of a fixture whose second socket binds."""
    yield from _closing(request, BindsSecond, first, second)


def pub_sub(request: pytest.FixtureRequest) -> Iterator[PubSub]:
    """The body of ``zmq_pub_sub``."""
    yield from _closing(request, PubSub, "PUB", "SUB")


def _closing(request: pytest.FixtureRequest, kind: type[_Kind], first: str, second: str) -> Iterator[_Kind]:
    guard = guard_of(request.config)
    own = OwnContext(guard)
    try:
        yield kind(own, first, second, guard.timeout)
    finally:
        own.end()


def _topics(given: bytes | str | Iterable[bytes | str]) -> list[bytes]:
    several = (given,) if isinstance(given, bytes | str) else given
    return [each.encode() if isinstance(each, str) else each for each in several]
