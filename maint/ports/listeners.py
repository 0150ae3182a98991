"""Who listens: the sockets of this host, or of this process and its children, that wait on a port."""

from __future__ import annotations

import importlib
import os
import socket
import sys
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from maint.errors import MaintError
from maint.ports import processes
from maint.ports.netlink import BOUND, CLOSE, EVERY, LISTEN, LISTENING, UNCONNECTED, Dump, Socket
from maint.ports.processes import owners

__all__ = ["Listener", "listeners", "mine", "owners", "sockets_on"]

# What waits on a port: a tcp socket that listens, a udp socket that is bound and not connected.
_WAITING = {"tcp": LISTENING, "udp": UNCONNECTED}
_STATES = {"tcp": (LISTEN,), "udp": (CLOSE,)}


class Listener(NamedTuple):
    """A socket that waits on a port; ``inode`` is 0 where the platform has none."""

    proto: str
    host: str
    port: int
    inode: int


def listeners() -> frozenset[Listener]:
    """Every tcp listener and bound udp socket of this network namespace, whoever has it.

    From NETLINK_SOCK_DIAG, else from ``/proc/net``. Raises MaintError where there is neither: see `mine`.
    """
    try:
        with Dump() as dump:
            found = [one for proto, states in _WAITING.items() for one in dump.sockets(proto, states)]
    except OSError:
        found = [one for proto, states in _STATES.items() for one in _proc_net(proto) if one.state in states]
    return frozenset(Listener(one.proto, one.host, one.port, one.inode) for one in found)


def mine(pids: Iterable[int] | None = None) -> frozenset[Listener]:
    """The listeners of ``pids``: of this process and its descendants unless given.

    Without Linux's interfaces it takes psutil, and raises MaintError where that is missing.
    """
    if not processes.PROC.joinpath("self/fd").exists():
        return frozenset(_by_psutil(pids))
    chosen = processes.family() if pids is None else pids
    inodes = {inode for pid in chosen for inode in processes.socket_inodes(pid)}
    return frozenset(one for one in listeners() if one.inode in inodes) if inodes else frozenset()


def sockets_on(port: int, proto: str) -> list[Socket]:
    """Every socket whose own port is ``port``, whatever it does there; none if the platform cannot tell."""
    try:
        with Dump() as dump:
            found = dump.sockets(proto, EVERY)
    except OSError:
        try:
            found = list(_proc_net(proto))
        except MaintError:
            return []
    return [one for one in found if one.port == port]


def describe(state: int, proto: str) -> str:
    """What a socket in ``state`` does with its port."""
    if proto == "udp":
        return "bound"
    return {LISTEN: "listening", BOUND: "bound", CLOSE: "bound"}.get(state, "connected")


def _proc_net(proto: str) -> Iterator[Socket]:
    read = False
    for name, family in ((proto, socket.AF_INET), (f"{proto}6", socket.AF_INET6)):
        try:
            lines = (processes.PROC / "net" / name).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        read = True
        for line in lines:
            fields = line.split()
            address, _, port = fields[1].partition(":")
            host = socket.inet_ntop(family, _address(address))
            yield Socket(proto, host, int(port, 16), int(fields[3], 16), int(fields[7]), int(fields[9]))
    if not read:
        raise MaintError("the sockets of this host cannot be listed: neither netlink nor /proc/net here")


def _address(text: str) -> bytes:
    """Words of 32 bits, each in the byte order of the machine."""
    words = (int(text[at : at + 8], 16) for at in range(0, len(text), 8))
    return b"".join(word.to_bytes(4, sys.byteorder) for word in words)


def _by_psutil(pids: Iterable[int] | None) -> Iterator[Listener]:
    try:
        psutil = importlib.import_module("psutil")
    except ModuleNotFoundError:
        raise MaintError(
            "listing the sockets of a process needs psutil here; run: pip install psutil"
        ) from None
    if pids is None:
        own = psutil.Process(os.getpid())
        pids = [own.pid, *(child.pid for child in own.children(recursive=True))]
    for pid in pids:
        try:
            found: list[Any] = psutil.Process(pid).net_connections(kind="inet")
        except psutil.Error:
            continue
        for one in found:
            waits = one.status == psutil.CONN_LISTEN or (one.type == socket.SOCK_DGRAM and not one.raddr)
            if waits and one.laddr:
                proto = "tcp" if one.type == socket.SOCK_STREAM else "udp"
                yield Listener(proto, one.laddr.ip, one.laddr.port, 0)
