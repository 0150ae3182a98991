"""A place where something binds or connects: as the file says it, and with the port that comes of it."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from maint.ports.scan.expression import HIGH, HOLE, Expression, Value

HIGHEST = 65535
_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*|\ufffc)://(?P<rest>[^/?#]*)", re.IGNORECASE | re.DOTALL)
# the schemes of addresses that have no port
_PORTLESS = frozenset({"inproc", "ipc", "vmci", "file", "unix", "sqlite", "memory"})
_UDP = frozenset({"udp", "pgm", "epgm"})
_HTTP = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class Draft(msgspec.Struct, frozen=True, array_like=True):
    """A site as one file has it: ``address`` may name other files.

    ``kind`` is what binds (``zmq``, ``socket``, ``asyncio``, ``compose`` …), ``socket`` its ZeroMQ type,
    ``classes`` the class around it and those it is derived from in this file, ``owner`` a name that the file
    itself gives to the service. ``machine`` names a container that has ports of its own, ``doubt`` is how
    sure the file itself is, ``last`` the line where a call over several ends.
    ``reason`` is that of a ``port-ok`` comment: None without one, ``""`` for one that gives none.
    """

    role: str
    kind: str
    line: int
    address: Expression
    expression: str
    proto: str = "tcp"
    socket: str = ""
    classes: tuple[str, ...] = ()
    owner: str = ""
    reason: str | None = None
    is_open: bool = False
    machine: str = ""
    doubt: int = HIGH
    last: int = 0


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """One bind or connect of one port; ``port`` is None where only the running program knows it.

    ``host`` is None where it is not known, ``*`` for every address. ``name`` is the registered name it was
    asked for by; ``is_open`` says that nothing in the file authenticates a ZeroMQ peer.
    """

    role: str
    proto: str
    host: str | None
    port: int | None
    expression: str
    path: str
    line: int
    confidence: str
    kind: str = ""
    socket: str = ""
    owner: str = ""
    name: str = ""
    classes: tuple[str, ...] = ()
    machine: str = ""
    reason: str | None = None
    is_open: bool = False

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}"


class Address(NamedTuple):
    """``port`` None is not known; 0 is one that the system chooses."""

    proto: str
    host: str | None
    port: int | None


def address(value: Value, proto: str = "tcp") -> Address | None:
    """The address that a value is: ``(host, port)``, a URL, ``host:port``; None for no port at all."""
    if isinstance(value, tuple):
        return Address(proto, _host(value[0]), _port(value[1]))
    if isinstance(value, int):
        return Address(proto, None, _port(value))
    return _in_text(value, proto)


def _in_text(text: str, proto: str) -> Address | None:
    if text.strip() == HOLE:
        return Address(proto, None, None)
    match = _URL.match(text.strip())
    if match is None:
        host, colon, port = text.rpartition(":")
        if not colon:
            return Address(proto, None, None) if HOLE in text else None
        return Address(proto, _host(host), _port(port))
    scheme = match["scheme"].lower()
    if scheme in _PORTLESS:
        return None
    proto = "udp" if scheme in _UDP else proto
    # tcp://source;destination and pgm://interface;group
    rest = match["rest"].rpartition(";")[2].rpartition("@")[2]
    host, colon, port = rest.rpartition(":")
    if not colon or port.endswith("]"):
        if HOLE in rest:
            return Address(proto, None if rest == HOLE else _host(rest), None)
        return Address(proto, _host(rest), _HTTP[scheme]) if scheme in _HTTP else None
    return Address(proto, _host(host), _port(port))


def _host(value: object) -> str | None:
    if not isinstance(value, str) or HOLE in value:
        return None
    return value.strip().strip("[]") or "*"


def _port(value: object) -> int | None:
    if isinstance(value, str):
        value = value.strip()
        if value in ("*", "!"):
            return 0
        if not (value.isascii() and value.isdecimal() and len(value) <= 5):
            return None
        value = int(value)
    return value if isinstance(value, int) and 0 <= value <= HIGHEST else None
