"""Who of this process and its children listens, by the kernel's own list."""

from __future__ import annotations

import os
from collections.abc import Callable

from maint.ports import clock, processes
from maint.ports.listeners import Listener, listeners, mine
from maint.ports.ranges import ephemeral

# libzmq closes a listener in a thread of its own, a child needs a moment to end: asked again until then.
GRACE_S = 0.5
_STEP_S = 0.01


class Census:
    """Counts listeners; asks the kernel for its list only where a socket may be a new one of them."""

    def __init__(self, children: bool) -> None:
        self._children = children
        self._ephemeral = ephemeral()
        self._has_inodes = processes.PROC.joinpath("self/fd").exists()
        self.last: frozenset[Listener] = frozenset()

    def take(self) -> frozenset[Listener]:
        """The listeners there are; MaintError where this platform cannot tell without psutil."""
        if not self._has_inodes:
            self.last = mine(None if self._children else [os.getpid()])
            return self.last
        pids = processes.family() if self._children else ("self",)
        inodes = {inode for pid in pids for inode in processes.socket_inodes(pid)}
        # A list of all the host's sockets costs ten times as much as one of our own descriptors.
        found = listeners() if inodes - {one.inode for one in self.last} else self.last
        self.last = frozenset(one for one in found if one.inode in inodes)
        return self.last

    def settled(self, left: Callable[[frozenset[Listener]], set[Listener]]) -> set[Listener]:
        """What ``left`` makes of the listeners, once that is nothing or has stayed for a moment."""
        deadline = clock.monotonic() + GRACE_S
        while (found := left(self.take())) and clock.monotonic() < deadline:
            clock.sleep(_STEP_S)
        return found

    def is_ephemeral(self, port: int) -> bool:
        """Whether the kernel may have chosen ``port``."""
        return port in self._ephemeral
