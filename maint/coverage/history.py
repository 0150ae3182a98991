"""The trend: what earlier commits of the baseline add up to."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from maint.coverage.counts import Counts
from maint.coverage.lines import parse
from maint.coverage.settings import CoverageSettings
from maint.errors import BaselineError, InputError
from maint.git import Repository

_POINTS = 40


class Point(msgspec.Struct, frozen=True):
    """The sum of all rows of one environment, as committed on ``day``."""

    day: date
    counts: Counts


def trend(root: Path, settings: CoverageSettings, key: str) -> list[Point]:
    """The last 40 commits of the baseline that hold ``key``, oldest first; empty without a repository.

    A commit whose baseline cannot be read is left out: it is history, and nothing can be done about it.
    """
    try:
        repository = Repository.open(root)
        name = (root / settings.baseline).resolve().relative_to(repository.top.resolve()).as_posix()
    except (BaselineError, ValueError):
        return []
    logged = repository.ask("log", f"-{_POINTS}", "--format=%H %ct", "--", f":(top,literal){name}") or ""
    points = []
    for line in reversed(logged.splitlines()):
        commit, seconds = line.split()
        counts = _total(repository.ask("cat-file", "blob", f"{commit}:{name}"), name, key)
        if counts is not None:
            points.append(Point(datetime.fromtimestamp(int(seconds), UTC).date(), counts))
    return points


def _total(text: str | None, name: str, key: str) -> Counts | None:
    try:
        rows = parse(text or "", name).pinned(key)
    except InputError:
        return None
    return sum((row.counts for row in rows.values()), Counts()) if rows else None
