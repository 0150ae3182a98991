"""Whether a port can be bound right now."""

from __future__ import annotations

import contextlib
import errno
import socket
import sys

from maint.ports.hosts import addresses

# These say nothing about the port: no such family or address here, or no right to bind it.
_SILENT = (errno.EACCES, errno.EPERM, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT)

# Tests may replace the name: pytest-socket does.
_SOCKET = socket.socket


def is_free(port: int, proto: str = "tcp", host: str = "*", *, reuse: bool = False) -> bool:
    """Whether ``port`` can be bound on every address that ``host`` stands for, as far as can be tried here.

    ``reuse`` overlooks the closing connections of an earlier server, as a server that sets SO_REUSEADDR does.
    Raises OSError where nothing can be tried: no descriptor left, say.
    """
    return all(_is_free(address, port, proto, reuse) for address in addresses(host))


def bound(address: str, port: int, proto: str, *, reuse: bool) -> socket.socket:
    """A socket bound to ``address``; OSError where the kernel refuses."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = _SOCKET(family, socket.SOCK_STREAM if proto == "tcp" else socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # On UDP it would share the port with whoever else sets it, on Windows with anybody.
        if reuse and proto == "tcp" and sys.platform != "win32":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
    except BaseException:
        made.close()
        raise
    return made


def _is_free(address: str, port: int, proto: str, reuse: bool) -> bool:
    try:
        with contextlib.closing(bound(address, port, proto, reuse=reuse)):
            return True
    except socket.gaierror:
        return True
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, *_SILENT):
            raise
        return error.errno != errno.EADDRINUSE
