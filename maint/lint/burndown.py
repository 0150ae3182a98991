"""How the baseline shrinks: its sizes in git's history, the pace, and when it is empty at that pace."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from maint.git import attempt

DAY_S = 86_400
WINDOW_DAYS = 30


class Size(NamedTuple):
    """The number of entries at a time in seconds since the epoch."""

    time_s: float
    entries: int


def history(path: Path) -> list[Size]:
    """The sizes of the baseline file at each commit of the main line that changed it, oldest first.

    Empty outside a repository and for a file never committed.
    """
    arguments = ("log", "--first-parent", "-m", "--format=%ct", "--numstat", "--follow", "--", path.name)
    done = attempt(*arguments, cwd=path.parent)
    sizes: list[Size] = []
    lines = 0
    if done.returncode == 0:
        for time_s, change in reversed(_changes(done.stdout)):
            lines += change
            sizes.append(Size(time_s, max(0, lines - 1)))  # the first line is the schema
    return sizes


def burn_down(sizes: Sequence[Size], left: int, now_s: float, window_days: int = WINDOW_DAYS) -> str:
    """One line: ``baseline: 4,117 → 3,980 in 14 days, 9.8 a day; at this pace 407 days to go``.

    ``left`` is the size on disk, ``now_s`` the time in seconds since the epoch. The pace is what went net of
    what came, from the size that held ``window_days`` ago (or from the first, when the history is shorter)
    to now. No pace is named where nothing shrank or under a day has passed.
    """
    if not sizes:
        return ""
    opening_s = now_s - window_days * DAY_S
    before = [size for size in sizes if size.time_s <= opening_s]
    start = Size(opening_s, before[-1].entries) if before else sizes[0]
    days = (now_s - start.time_s) / DAY_S
    shown = f"baseline: {start.entries:,} → {left:,}"
    if days < 1:
        return f"{shown}; no pace yet, under a day of history"
    shown = f"{shown} in {days:.0f} days"
    pace = (start.entries - left) / days
    if left == 0:
        return f"{shown}; nothing left, delete the file"
    if pace <= 0:
        return f"{shown}; not shrinking"
    return f"{shown}, {pace:.2g} a day; at this pace {math.ceil(left / pace):,} days to go"


def _changes(log: str) -> list[tuple[float, int]]:
    """Time and net change in lines of each commit of a ``--format=%ct --numstat`` log."""
    changes: list[tuple[float, int]] = []
    for line in log.splitlines():
        cells = line.split("\t")
        if len(cells) == 1 and line.isdigit():
            changes.append((float(line), 0))
        elif len(cells) == 3 and changes and cells[0].isdigit() and cells[1].isdigit():
            time_s, net = changes[-1]
            changes[-1] = (time_s, net + int(cells[0]) - int(cells[1]))
    return changes
