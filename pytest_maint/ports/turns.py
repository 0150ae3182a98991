"""Turns: tests that bind the same fixed port run one after the other, on this whole machine."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from maint.errors import MaintError
from maint.ports import clock, lockfile
from maint.ports.holder import holders

from .allowance import Port

_FIRST_S, _LONGEST_S = 0.002, 0.05


class TurnError(MaintError):
    """A port did not become free in time; says who has it."""


class Turns:
    """The ports whose turn this process has: each is its lease file's lock, which ends with the process."""

    def __init__(self, worker: str, wait_s: float) -> None:
        self._place = lockfile.folder()
        self._worker = worker
        self._wait_s = wait_s
        self._held: dict[Port, tuple[int, Path]] = {}

    def take(self, ports: Iterable[Port], test: str) -> None:
        """Wait for all of ``ports``; TurnError when one stays taken for too long.

        In the order of their numbers: of two tests that want two ports each, none waits for the other's.
        """
        deadline = clock.monotonic() + self._wait_s
        for port in sorted(ports):
            pause = _FIRST_S
            while not self._try(port, test):
                if clock.monotonic() >= deadline:
                    raise TurnError(self._late(port))
                clock.sleep(pause)
                pause = min(pause * 2, _LONGEST_S)

    def note(self, port: Port, test: str) -> None:
        """Have the lease file of a port that a test binds say so, unless somebody holds it."""
        with contextlib.suppress(MaintError):  # no reason to fail the bind
            self._try(port, test)

    def end(self, bound: Callable[[], Collection[Port]]) -> None:
        """Give back every port that is not in ``bound``: what a wider fixture listens on stays its turn."""
        kept = bound() if self._held else ()
        for port in [port for port in self._held if port not in kept]:
            lockfile.unlock(*self._held.pop(port))

    def _try(self, port: Port, test: str) -> bool:
        held = self._held.get(port)
        if held is None:
            path = lockfile.path_of(self._place, port.number, port.proto)
            descriptor = lockfile.lock(path)
            if descriptor is None:
                # A claim or lease of this very process: nobody else gets the port meanwhile.
                return (lockfile.held_by(path) or {}).get("pid") == os.getpid()
            held = self._held[port] = descriptor, path
        about = {"pid": os.getpid(), "turn": True, "worker": self._worker, "test": test, "since": time.time()}
        lockfile.note(held[0], about)
        return True

    def _late(self, port: Port) -> str:
        found = holders(port.number, port.proto)
        by = "; ".join(map(str, found)) or "somebody who cannot be seen from here"
        return (
            f"{port}: not free after {self._wait_s:g} s, taken by {by}; "
            "stop that, or raise wait in [tool.maint.ports]"
        )


def leased_to(port: Port) -> dict[str, object] | None:
    """What the holder of a port's lease, claim or turn wrote down; None where nobody has one."""
    try:
        return lockfile.held_by(lockfile.path_of(lockfile.folder(), port.number, port.proto))
    except MaintError:
        return None
