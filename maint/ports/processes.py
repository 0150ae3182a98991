"""What /proc tells of processes: their children, their sockets, how they were started."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
_SOCKET = "socket:["


class Process(NamedTuple):
    """A process; None and empty where it may not be known, as of another user's."""

    pid: int
    command: tuple[str, ...]
    cwd: str | None
    age_s: float | None


def socket_inodes(pid: int | str) -> Iterator[int]:
    """The inodes of the sockets that a process has open; none where it is gone, or not ours to look at."""
    folder = f"/proc/{pid}/fd"
    try:
        names = os.listdir(folder)  # noqa: PTH208 - runs around each test
    except OSError:
        return
    for name in names:
        with contextlib.suppress(OSError):
            target = os.readlink(f"{folder}/{name}")  # noqa: PTH115 - as above
            if target.startswith(_SOCKET):
                yield int(target[len(_SOCKET) : -1])


def every() -> list[int]:
    """The processes that can be seen."""
    try:
        return [int(entry.name) for entry in os.scandir(PROC) if entry.name.isdigit()]
    except OSError:
        return []


def family(pid: int | None = None) -> frozenset[int]:
    """``pid``, this process unless given, and its descendants that are still its."""
    start = os.getpid() if pid is None else pid
    found, todo = {start}, [start]
    while todo:
        new = set(_children(todo.pop())) - found
        found |= new
        todo += new
    return frozenset(found)


def ancestors() -> frozenset[int]:
    """This process, its parent, and, as far as can be seen, those who started that."""
    found, pid = {os.getpid()}, os.getppid()
    while pid > 0 and pid not in found:
        found.add(pid)
        pid = _parent(pid)
    return frozenset(found)


def owners(inodes: Iterable[int], pids: Iterable[int] | None = None) -> dict[int, tuple[int, ...]]:
    """Socket inode -> the processes that have it open, of ``pids`` or of all that can be seen.

    An inode is missing where no process that we may look into has it.
    """
    wanted = set(inodes)
    found: dict[int, list[int]] = {}
    for pid in every() if pids is None else pids:
        for inode in wanted.intersection(socket_inodes(pid)) if wanted else ():
            found.setdefault(inode, []).append(pid)
    return {inode: tuple(sorted(holders)) for inode, holders in found.items()}


def process(pid: int) -> Process | None:
    """What can be known of a process, None when it is gone."""
    folder = PROC / str(pid)
    try:
        raw = (folder / "cmdline").read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        raw = b""
    command = tuple(os.fsdecode(part) for part in raw.rstrip(b"\0").split(b"\0")) if raw else ()
    try:
        cwd = str((folder / "cwd").readlink())
    except OSError:
        cwd = None
    return Process(pid, command, cwd, _age(folder))


def _children(pid: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for task in os.scandir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                yield from map(int, Path(task.path, "children").read_bytes().split())


def _parent(pid: int) -> int:
    """Field 4 of ``stat``; 0 where there is none, or none to be seen."""
    try:
        return int((PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0


def _age(folder: Path) -> float | None:
    """Seconds since the start: field 22 of ``stat``, in ticks since the boot."""
    try:
        ticks = int((folder / "stat").read_bytes().rpartition(b")")[2].split()[19])
        uptime = time.clock_gettime(time.CLOCK_BOOTTIME)
    except (OSError, ValueError, IndexError, AttributeError):
        return None
    return max(0.0, uptime - ticks / os.sysconf("SC_CLK_TCK"))
