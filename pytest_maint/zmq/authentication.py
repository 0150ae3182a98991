"""``zmq_curve``: CURVE keys, sockets that use them, and a ZAP handler that lets users in or not."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import pytest
import zmq
import zmq.auth.thread

from maint.errors import MaintError

from .contexts import OwnContext
from .guard import Guard, guard_of
from .watch.records import caller

__tracebackhide__ = True
_KEYS = pytest.StashKey["_KeyRing"]()
_SERVER = ""


class Keys(NamedTuple):
    """A CURVE key pair, each key as 40 characters of Z85."""

    public: bytes
    secret: bytes


class _KeyRing:
    """Made once a session: a key pair costs as much as a hundred messages."""

    def __init__(self) -> None:
        self._keys: dict[str, Keys] = {}

    def of(self, user: str) -> Keys:
        """The keys of ``user``, the same in every test; the server's are those of ``""``."""
        found = self._keys.get(user)
        if found is None:
            found = self._keys[user] = Keys(*zmq.curve_keypair())
        return found


class _Door:
    """What the ZAP handler asks, in its own thread."""

    def __init__(self) -> None:
        self._allowed: set[bytes] = set()
        self._verdicts: dict[bytes, bool] = {}
        self._changed = threading.Condition()

    def put(self, key: bytes, *, allowed: bool) -> None:
        """Let ``key`` in from now on, or not."""
        with self._changed:
            (self._allowed.add if allowed else self._allowed.discard)(key)
            self._verdicts.pop(key, None)

    def callback(self, domain: str, key: bytes) -> bool:
        """Called by pyzmq's handler with a public key in Z85."""
        with self._changed:
            verdict = self._verdicts[key] = key in self._allowed
            self._changed.notify_all()
        return verdict

    def verdict(self, key: bytes, timeout: float) -> bool | None:
        """What was answered for ``key``, waited for; None where nobody asked within ``timeout`` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: key in self._verdicts, timeout)
            return self._verdicts.get(key)


class Curve:
    """A server that asks for CURVE keys, its clients, and who of them is let in: nobody, until allowed.

    Over ipc unless told otherwise; inproc is refused, since it ignores CURVE without a word.
    """

    def __init__(self, own: OwnContext, ring: _KeyRing, guard: Guard) -> None:
        self._own = own
        self._ring = ring
        self._guard = guard
        self._door = _Door()
        self._endpoint = ""
        self._handlers: list[zmq.auth.thread.ThreadAuthenticator] = []

    @property
    def server_key(self) -> bytes:
        """The server's public key."""
        return self._ring.of(_SERVER).public

    @property
    def server_keys(self) -> Keys:
        """Both keys of the server, for a server of the code under test."""
        return self._ring.of(_SERVER)

    def keys(self, user: str) -> Keys:
        """Both keys of ``user``, for a client of the code under test."""
        return self._ring.of(_user(user))

    def allow(self, *users: str) -> None:
        """Let these users in, from their next connection."""
        for user in users:
            self._door.put(self.keys(user).public, allowed=True)

    def deny(self, *users: str) -> None:
        """Let these users in no longer: connections that stand are not cut, as ZAP has no way to."""
        for user in users:
            self._door.put(self.keys(user).public, allowed=False)

    def was_allowed(self, user: str, timeout: float | None = None) -> bool:
        """What the server answered when ``user`` last connected, waited for.

        Raises MaintError where it was not asked within ``timeout`` seconds.
        """
        limit = self._guard.timeout if timeout is None else timeout
        verdict = self._door.verdict(self.keys(user).public, limit)
        if verdict is None:
            raise MaintError(
                f"zmq_curve: {user!r} did not ask to be let in within {limit:g} s; "
                "does it connect with the server's key, and is authenticate() on the server's context?"
            )
        return verdict

    def server(
        self, type: int = zmq.REP, transport: Literal["ipc", "tcp"] = "ipc", *, aio: bool = False
    ) -> Any:
        """A bound socket that asks for keys; `client` connects to the one that was made last."""
        _refuse_inproc(transport)
        self.authenticate(self._own.context)
        socket = self.secure(self._own.socket(type, caller(sys._getframe(1)), aio=aio))
        self._endpoint = self._own.bind(socket, transport)
        return socket

    def client(
        self, user: str, type: int = zmq.REQ, *, endpoint: str | None = None, aio: bool = False
    ) -> Any:
        """A socket with the keys of ``user``, connected to the server or to ``endpoint``."""
        address = endpoint or self._endpoint
        if not address:
            raise MaintError("zmq_curve: there is no server to connect to; make one first, or give endpoint=")
        _refuse_inproc(address.partition(":")[0])
        socket = self._own.socket(type, caller(sys._getframe(1)), aio=aio)
        keys = self.keys(user)
        socket.setsockopt(zmq.CURVE_PUBLICKEY, keys.public)
        socket.setsockopt(zmq.CURVE_SECRETKEY, keys.secret)
        socket.setsockopt(zmq.CURVE_SERVERKEY, self.server_key)
        socket.connect(address)
        return socket

    def secure(self, socket: Any) -> Any:
        """Make ``socket`` a server that asks for keys; before it binds. Returns it."""
        socket.setsockopt(zmq.CURVE_SECRETKEY, self.server_keys.secret)
        socket.setsockopt(zmq.CURVE_PUBLICKEY, self.server_keys.public)
        socket.setsockopt(zmq.CURVE_SERVER, 1)
        return socket

    def authenticate(self, context: zmq.Context[Any]) -> None:
        """Decide who is let in by the servers of ``context``, which may be the code's own."""
        if any(int(each.context.underlying) == int(context.underlying) for each in self._handlers):
            return
        # A blocking view: an asyncio context would give the handler's thread sockets of a loop.
        blocking: zmq.Context[Any] = zmq.Context(shadow=context.underlying)
        handler = zmq.auth.thread.ThreadAuthenticator(blocking)
        # It polls without a limit, and rightly so: a time-out would end its thread.
        with self._own.unbounded():
            handler.start()
        handler.configure_curve_callback(credentials_provider=self._door)
        self._handlers.append(handler)

    def end(self) -> None:
        """Stop deciding."""
        while self._handlers:
            handler = self._handlers.pop()
            if not handler.context.closed:
                handler.stop()


def curve(request: pytest.FixtureRequest) -> Iterator[Curve]:
    """The body of ``zmq_curve``; MaintError where libzmq was built without CURVE."""
    if not zmq.has("curve"):
        raise MaintError("zmq_curve: this libzmq was built without CURVE; install a pyzmq wheel")
    guard = guard_of(request.config)
    ring = request.config.stash.setdefault(_KEYS, _KeyRing())
    own = OwnContext(guard)
    found = Curve(own, ring, guard)
    try:
        yield found
    finally:
        found.end()
        own.end()


def _user(name: str) -> str:
    if not name:
        raise MaintError("zmq_curve: a user needs a name, such as 'alice'")
    return name


def _refuse_inproc(transport: str) -> None:
    if transport == "inproc":
        raise MaintError(
            "zmq_curve: inproc ignores CURVE: every message would be let through; use transport='ipc'; ZMQ030"
        )
    if transport not in ("ipc", "tcp"):
        raise MaintError(f"zmq_curve: transport is {transport!r}; give 'ipc' or 'tcp'")
