"""The kernel's own list of sockets on Linux, by NETLINK_SOCK_DIAG: a dump costs what it holds."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from typing import NamedTuple

# linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h
_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_REQUEST_DUMP = 0x1 | 0x300
_ERROR, _DONE = 2, 3
_HEADER = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBBxI48x")
_MESSAGE = struct.Struct("=BBBB2s2s16s16sI8xIIIII")
_BUFFER = 1 << 17
_TIMEOUT_S = 5.0

# The kernel is asked in the midst of tests, which may replace the name: pytest-socket does.
_SOCKET = socket.socket

ESTABLISHED, TIME_WAIT, CLOSE, LISTEN, BOUND = 1, 6, 7, 10, 13
LISTENING = 1 << LISTEN
UNCONNECTED = 1 << CLOSE
EVERY = (1 << 14) - 1


class Socket(NamedTuple):
    """One socket of this network namespace; ``inode`` is 0 for one that no process has any more."""

    proto: str
    host: str
    port: int
    state: int
    uid: int
    inode: int


class Dump:
    """A connection to the kernel, for several dumps; OSError where there is none to be had."""

    def __init__(self) -> None:
        family = getattr(socket, "AF_NETLINK", None)
        if family is None:
            raise OSError("no netlink on this platform")
        self._socket = _SOCKET(family, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_SOCK_DIAG)
        self._socket.settimeout(_TIMEOUT_S)
        self._sequence = 0

    def __enter__(self) -> Dump:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def sockets(self, proto: str, states: int) -> list[Socket]:
        """All sockets of ``proto``, IPv4 and IPv6, in one of the ``states``: a mask of ``1 << state``.

        Raises OSError when the kernel refuses, or does not list the protocol; without IPv6 there are none.
        """
        number = socket.IPPROTO_TCP if proto == "tcp" else socket.IPPROTO_UDP
        return [
            found
            for family in (socket.AF_INET, socket.AF_INET6)
            for found in self._dump(proto, number, family, states)
        ]

    def _dump(self, proto: str, number: int, family: int, states: int) -> Iterator[Socket]:
        self._sequence += 1
        request = _REQUEST.pack(family, number, 0, states)
        length = _HEADER.size + len(request)
        self._socket.sendto(
            _HEADER.pack(length, _SOCK_DIAG_BY_FAMILY, _REQUEST_DUMP, self._sequence, 0) + request, (0, 0)
        )
        while True:
            data = self._socket.recv(_BUFFER)
            offset = 0
            while offset + _HEADER.size <= len(data):
                size, kind, _, sequence, _ = _HEADER.unpack_from(data, offset)
                if sequence == self._sequence:
                    if kind in (_DONE, _ERROR):
                        _raise(data, offset + _HEADER.size)
                        return
                    yield _socket(proto, data, offset + _HEADER.size)
                offset += max((size + 3) & ~3, _HEADER.size)


def _raise(data: bytes, offset: int) -> None:
    code = -struct.unpack_from("=i", data, offset)[0]
    # ENOENT as well: of a kernel that does not list the protocol, and may have it all the same
    if code > 0:
        raise OSError(code, os.strerror(code))


def _socket(proto: str, data: bytes, offset: int) -> Socket:
    family, state, _, _, port, _, source, _, _, _, _, _, uid, inode = _MESSAGE.unpack_from(data, offset)
    if family == socket.AF_INET:
        host = socket.inet_ntop(family, source[:4])
    else:
        host = socket.inet_ntop(family, source)
    return Socket(proto, host, int.from_bytes(port, "big"), state, uid, inode)
