"""Which core to measure on."""

from __future__ import annotations

import os
import time
from pathlib import Path

_STAT = Path("/proc/stat")
_IDLE_FIELDS = (3, 4)  # idle and iowait of a cpuN line, after its name


def quietest_core(window_s: float = 0.1) -> set[int]:
    """The allowed core with the least work over ``window_s`` seconds; empty where cores cannot be chosen.

    Both workers of a pair share one core: on an oversubscribed machine the slots of the two sides then meet
    the same neighbours (measured in docs/decisions).
    """
    if not hasattr(os, "sched_getaffinity") or not _STAT.exists():
        return set()
    allowed = os.sched_getaffinity(0)
    before = _busy_ticks()
    time.sleep(window_s)
    after = _busy_ticks()
    known = [core for core in sorted(allowed) if core in before and core in after]
    return {min(known, key=lambda core: after[core] - before[core])} if known else set()


def allowed_cores() -> set[int]:
    """All cores this process may use; empty where the system does not tell."""
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


def _busy_ticks() -> dict[int, int]:
    ticks = {}
    for line in _STAT.read_text().splitlines():
        name, *fields = line.split()
        if name.startswith("cpu") and name != "cpu":
            numbers = [int(field) for field in fields]
            ticks[int(name[3:])] = sum(numbers) - sum(numbers[i] for i in _IDLE_FIELDS)
    return ticks
