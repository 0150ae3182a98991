"""Whether a bind is in order: asked before the kernel is."""

from __future__ import annotations

import ipaddress
import os

from maint.findings import Finding
from maint.ports.holder import holders
from maint.ports.hosts import hosts_overlap
from maint.ports.listeners import Listener, describe, sockets_on
from maint.ports.processes import ancestors
from maint.ports.ranges import ephemeral

from .allowance import Ignored, Port
from .binds import Bind
from .findings import bound_twice, foreign, shared
from .ownership import Ownership
from .turns import leased_to
from .watched import Watched


class Judge:
    """Knows the registry, and what is to be ignored."""

    def __init__(self, owners: Ownership, ignored: Ignored, *, ephemeral_too: bool) -> None:
        self.owners = owners
        self.ignored = ignored
        self._kernels = range(0) if ephemeral_too else ephemeral()
        # whose leases the tests work under: a worker's controller and who started that; a fork's origin
        self._selves = ancestors()

    def judged(self, bind: Bind, watched: Watched) -> Finding | None:
        """What is wrong with a bind of a fixed port, None where nothing is."""
        port = Port(bind.port, bind.proto)
        entry = self.owners.entry(*port)
        noted = leased_to(port)
        own = port in watched.marked or (noted is not None and self._is_ours(noted.get("pid")))
        if not own and not (entry is not None and self.owners.is_of(entry, watched.file)):
            if entry is None and noted is None and bind.port in self._kernels:
                return None
            leased = "" if noted is None else _leased(port)
            return foreign(watched.place(), bind, entry, self.owners, leased)
        if entry is not None and bind.shares == "SO_REUSEPORT":
            return shared(watched.place(), bind, entry, self.owners)
        if bind.shares and not _is_multicast(bind.host) and _is_taken(port, bind):
            return bound_twice(watched.place(), bind, [str(one) for one in holders(*port)])
        return None

    def ignores(self, listener: Listener) -> bool:
        """Whether a listener may stay."""
        return self.ignored.has(listener.port)

    def _is_ours(self, pid: object) -> bool:
        return pid in self._selves or pid in (os.getpid(), os.getppid())


def _leased(port: Port) -> str:
    found = [one for one in holders(*port) if one.does in ("leased", "claimed")] or holders(*port)
    return str(found[0]) if found else "somebody who is gone by now"


def _is_taken(port: Port, bind: Bind) -> bool:
    waits = ("listening", "bound") if port.proto == "udp" else ("listening",)
    return any(
        one.inode != bind.inode
        and describe(one.state, one.proto) in waits
        and hosts_overlap(one.host, bind.host)
        for one in sockets_on(*port)
    )


def _is_multicast(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_multicast
    except ValueError:
        return False
