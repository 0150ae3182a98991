"""What inproc does not have is refused at once: it would be a test of nothing, or a wait without end."""

from __future__ import annotations

import zmq

from maint.errors import MaintError

from .records import SocketRecord

__tracebackhide__ = True
SCHEME = "inproc://"
_CURVE = {zmq.CURVE_SERVER, zmq.CURVE_SERVERKEY, zmq.CURVE_PUBLICKEY, zmq.CURVE_SECRETKEY}


class InprocCannot(MaintError):
    """inproc was asked for what another transport has."""


class Inproc:
    """The inproc names that fixtures made, each with the handle of its context."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._given: dict[int, list[str]] = {}
        self._bound: set[str] = set()

    def made(self, name: str, context: int) -> None:
        """A fixture gave out ``name``; only sockets of the libzmq context ``context`` can meet there."""
        self._names[name] = context
        self._given.setdefault(context, []).append(name)

    def forget(self, context: int) -> None:
        """The context ended."""
        for name in self._given.pop(context, ()):
            del self._names[name]
            self._bound.discard(name)

    def opening(self, record: SocketRecord, verb: str, endpoint: str) -> None:
        """Refuse CURVE, another context, and a second bind of a name that clients know."""
        if not endpoint.startswith(SCHEME):
            return
        if record.curve:
            raise _refusal(
                record, f"{verb} of {endpoint}", "ignores CURVE: every message would be let through"
            )
        home = self._names.get(endpoint)
        if home is None:
            return
        if home != record.context.handle:
            raise _refusal(
                record, f"{verb} of {endpoint}", "does not cross contexts: the ends would never meet"
            )
        if verb == "bind":
            if endpoint in self._bound:
                raise _refusal(record, f"bind of {endpoint} once more", "does not reconnect")
            self._bound.add(endpoint)

    @staticmethod
    def setting(record: SocketRecord, option: int) -> None:
        """Refuse CURVE keys for a fixture's socket that is attached to inproc alone."""
        if option not in _CURVE:
            return
        record.curve = True
        if record.fixture and _only_inproc(record):
            raise _refusal(record, "CURVE", "ignores it: every message would be let through")

    @staticmethod
    def monitoring(record: SocketRecord) -> None:
        """Refuse a monitor of a socket that is attached to inproc alone."""
        if _only_inproc(record):
            raise _refusal(record, "a monitor", "has no events")


def _only_inproc(record: SocketRecord) -> bool:
    endpoints = record.endpoints
    return bool(endpoints) and all(each.startswith(SCHEME) for each in endpoints)


def _refusal(record: SocketRecord, asked: str, reason: str) -> InprocCannot:
    return InprocCannot(f"{record.type}: {asked}: inproc {reason}; use transport='ipc'; ZMQ030")
