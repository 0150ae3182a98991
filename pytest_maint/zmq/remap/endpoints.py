"""ZeroMQ's tcp endpoints: read, folded to a port of this machine, and said as libzmq says them.

The standard library only: child processes import it too.
"""

from __future__ import annotations

import ipaddress
import socket

TYPE_CHECKING = False  # not from typing, which a child would have to import
if TYPE_CHECKING:
    from collections.abc import Container

_ANY_PORT = ("*", "0")
_ANY_HOST = ("*", "0.0.0.0", "::")


class Tcp:
    """``tcp://host:port``; ``host`` without brackets, ``port`` 0 where the system is to choose one."""

    __slots__ = ("host", "port")

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port

    def __repr__(self) -> str:
        return f"Tcp({self.host!r}, {self.port})"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"tcp://{host}:{self.port}"

    def bound(self, *, ipv6: bool) -> str:
        """What ``LAST_ENDPOINT`` says of a socket that is bound here: addresses instead of names."""
        if self.host in _ANY_HOST:
            return str(Tcp("::" if ipv6 else "0.0.0.0", self.port))
        host = "127.0.0.1" if self.host == "localhost" else self.host
        return str(Tcp(f"::ffff:{host}" if ipv6 and _is_ipv4(host) else host, self.port))


def parse(endpoint: object) -> Tcp | None:
    """A tcp endpoint, or None for other transports and for what libzmq refuses, which it shall say itself."""
    if isinstance(endpoint, bytes):
        endpoint = endpoint.decode("utf-8", "replace")
    if not isinstance(endpoint, str) or not endpoint.startswith("tcp://"):
        return None
    target = endpoint.removeprefix("tcp://").rpartition(";")[2]  # in front of it: a source address
    host, _, port = target.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    number = "0" if port in _ANY_PORT else port
    if not host or not (number.isascii() and number.isdecimal()) or int(number) > 65535:
        return None
    return Tcp(host, int(number))


def is_local(host: str, also: Container[str] = ()) -> bool:
    """Whether ``host`` is this machine, or in ``also``. Asks no name server."""
    if host in also or host in _ANY_HOST or host.lower() in ("localhost", _name()):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.lower().endswith(".localhost")  # RFC 6761
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or _is_own(address)


def _is_ipv4(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 4
    except ValueError:
        return False


def _name() -> str:
    return socket.gethostname().lower()


def _is_own(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an interface of this machine has the address: only such a one can be bound."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True
