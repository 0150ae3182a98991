"""Whether a process is still there: by its id and the time it started, since ids are given again."""

from __future__ import annotations

import os
from pathlib import Path


def start_time(pid: int) -> int:
    """When ``pid`` started, in clock ticks since boot; 0 where it is gone, or a zombie (proc(5), stat).

    A zombie has given back all it held; its parent has only not asked for its exit code yet.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:  # noqa: PTH123 - a third of the time
            stat = file.read()
    except OSError:
        return 0
    fields = stat.rpartition(b")")[2].split()  # the name before it may hold anything, spaces and ")" too
    return 0 if fields[0] in b"ZX" else int(fields[19])


def descends(pid: int, ancestor: int) -> bool:
    """Whether ``pid`` was started by ``ancestor``, or by whom that started; False where it cannot be seen."""
    while pid > 1 and pid != ancestor:
        try:
            stat = Path(f"/proc/{pid}/stat").read_bytes()
        except OSError:
            return False
        pid = int(stat.rpartition(b")")[2].split()[1])
    return pid == ancestor


def is_alive(pid: int, started: int) -> bool:
    """Whether the process that had ``pid`` and began at ``started`` runs."""
    return started != 0 and start_time(pid) == started


def namespace() -> str:
    """The namespace in which this process's ids count: two containers may use the same ids."""
    return str(os.stat("/proc/self/ns/pid").st_ino)  # noqa: PTH116 - follows to the namespace
