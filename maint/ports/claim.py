"""A claim: this program owns a registered port of this host, or does not start."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from maint.errors import MaintError

if TYPE_CHECKING:
    from pathlib import Path

    from maint.ports.lookup import Resolved
    from maint.ports.registry import Registry

_PATIENCE_S, _LOOK_S = 1.0, 0.01


class ClaimError(MaintError):
    """Another live process of this host has claimed or bound the port; says which, where it can be known."""


class Claim:
    """A port that is claimed until `release`, or the end of this process; also a context manager."""

    __slots__ = ("_locks", "_pid", "name", "port", "ports")

    def __init__(self, name: str, ports: range, locks: list[tuple[int, Path]]) -> None:
        self.name = name
        self.port = ports[0]
        self.ports = ports
        self._locks = locks
        self._pid = os.getpid()

    def __repr__(self) -> str:
        return f"Claim({self.name} {self.port})"

    def __enter__(self) -> Claim:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Give the claim up; a second time, and in a fork, nothing."""
        if self._pid == os.getpid():
            _unlock(self._locks)


def claim(name: str, *, registry: Registry | Path | str | None = None) -> Claim:
    """Claim the registered port ``name`` for this process, before binding it.

    The port is what `get_port` says; of a range, all ports are claimed. The kernel ends the claim with the
    process, however that ends; a forked child has no part in it, so a daemon claims after it has forked.

    Raises ClaimError naming who is in the way; PortError and ConfigError as `get_port` does.
    """
    from maint.ports import lockfile
    from maint.ports.lookup import caller_file, resolve

    wanted = resolve(name, registry, caller=caller_file())
    place = lockfile.folder()
    locks: list[tuple[int, Path]] = []
    try:
        for port in wanted.ports:
            locks.append(_locked(wanted, port, lockfile.path_of(place, port, wanted.proto)))
    except BaseException:
        _unlock(locks)
        raise
    return Claim(name, wanted.ports, locks)


def _locked(wanted: Resolved, port: int, path: Path) -> tuple[int, Path]:
    import time

    from maint.ports import lockfile, probe

    descriptor = _lock(path)
    if descriptor is None and _is_our_turn(path):
        path = path.with_name(f"{path.name}.claimed")
        descriptor = _lock(path)
    if descriptor is None:
        raise _refusal(wanted, port, "claimed")
    free = False
    try:
        free = probe.is_free(port, wanted.proto, wanted.host, reuse=True)
        about = {"pid": os.getpid(), "name": wanted.name, "since": time.time(), "claim": True}
        lockfile.note(descriptor, about)
    finally:
        # before looking for who is in the way, lest that be this process
        if not free:
            lockfile.unlock(descriptor, path)
    if not free:
        raise _refusal(wanted, port, "bound")
    return descriptor, path


def _lock(path: Path) -> int | None:
    """The lock, where nobody who is alive has it.

    A child that was being forked when its parent was killed holds a copy until it runs; somebody who asks who
    has the port, for a moment.
    """
    import time

    from maint.ports import lockfile

    until = time.monotonic() + _PATIENCE_S
    while (descriptor := lockfile.lock(path)) is None and time.monotonic() < until:
        noted = lockfile.held_by(path)
        if noted is not None and _is_alive(noted.get("pid")):
            break
        time.sleep(_LOOK_S)
    return descriptor


def _is_our_turn(path: Path) -> bool:
    """Whether the lock is held for the test that this program runs in, or that started it."""
    from maint.ports import lockfile
    from maint.ports.processes import ancestors

    noted = lockfile.held_by(path) or {}
    return noted.get("turn") is True and noted.get("pid") in ancestors()


def _is_alive(pid: object) -> bool:
    if not isinstance(pid, int) or not 0 < pid < 2**31:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _refusal(wanted: Resolved, port: int, how: str) -> ClaimError:
    from maint.ports.holder import holders

    found = holders(port, wanted.proto)
    by = "; ".join(str(one) for one in found) or "a process that cannot be seen from here"
    remedy = "stop that, or register another port"
    if any(one.pid == os.getpid() for one in found):
        by, remedy = f"this process: {by}", "claim it once, and before the bind"
    return ClaimError(f"{wanted.name}: {wanted.proto} {port} is {how} already by {by}; {remedy}")


def _unlock(locks: list[tuple[int, Path]]) -> None:
    from maint.ports import lockfile

    while locks:
        with contextlib.suppress(OSError):
            lockfile.unlock(*locks.pop())
