"""The committed baseline: what each file must not fall below, in each environment it was measured in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import PurePosixPath

import msgspec

from maint.coverage.counts import Counts, Ratio, has_fallen
from maint.coverage.environment import Environment

TOTAL = "total"


class Row(msgspec.Struct, frozen=True):
    """One file: the counts last accepted, and the best share it had where that is more than theirs.

    ``best`` is kept when covered code was removed, which lowers the share and is no failure: without it,
    removing covered code first and adding uncovered code after would let the share fall unseen.
    """

    counts: Counts
    best: Ratio | None = None

    @property
    def floor(self) -> Ratio:
        """The share that a fall is measured against."""
        return self.best or self.counts.ratio

    def rejects(self, now: Counts) -> bool:
        """Whether ``now`` has fallen below this row."""
        return has_fallen(now, self.floor, self.counts.misses)

    def tightened(self, now: Counts) -> Row:
        """This row after ``now``: no share and, at a smaller share, no number of misses is ever given up."""
        return self if self.rejects(now) else _row(now, self.floor)


def strictest(one: Row, other: Row) -> Row:
    """A row that rejects whatever either rejects: the higher share with the fewer misses."""
    fewest = min(one, other, key=lambda row: (row.counts.misses, row.counts))
    highest = other.floor if one.floor.is_under(other.floor) else one.floor
    return _row(fewest.counts, highest)


def _row(counts: Counts, floor: Ratio) -> Row:
    return Row(counts, floor if counts.ratio.is_under(floor) else None)


class Waiver(msgspec.Struct, frozen=True, kw_only=True):
    """An exception on record: to the end of ``until``, ``path`` (or `TOTAL`) may be as bad as ``counts``."""

    path: str
    key: str
    counts: Counts
    until: date
    reason: str

    def admits(self, now: Counts) -> bool:
        """Whether ``now`` is no worse than what was granted."""
        return not has_fallen(now, self.counts.ratio, self.counts.misses)


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """Rows by environment key and path; ``environments`` may hold two of one key after a merge."""

    environments: tuple[Environment, ...] = ()
    rows: Mapping[tuple[str, str], Row] = msgspec.field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()

    def pinned(self, key: str) -> dict[str, Row]:
        """Path -> row of one environment."""
        return {path: row for (of, path), row in self.rows.items() if of == key}

    def why_not_comparable(self, environment: Environment) -> str:
        """What differs from every environment that was pinned; empty where one is the same."""
        if environment in self.environments:
            return ""
        same_key = [one for one in self.environments if one.key == environment.key]
        return "; ".join(environment.differences(one) for one in same_key or self.environments)

    def granted(self, key: str, path: str) -> list[Waiver]:
        """The waivers of one file, or of `TOTAL`, running out or not."""
        return [one for one in self.waivers if (one.key, one.path) == (key, path)]


def pinned(baseline: Baseline, environment: Environment, files: Mapping[str, Counts]) -> Baseline:
    """The baseline with ``environment`` as measured, replacing what was pinned for its key."""
    others = {place: row for place, row in baseline.rows.items() if place[0] != environment.key}
    return Baseline(
        environments=(*_others(baseline, environment), environment),
        rows=others | {(environment.key, path): Row(counts) for path, counts in _inside(files)},
        waivers=tuple(one for one in baseline.waivers if one.key != environment.key),
    )


def tightened(
    baseline: Baseline,
    environment: Environment,
    files: Mapping[str, Counts],
    *,
    present: Collection[str],
    renames: Mapping[str, str],
) -> Baseline:
    """The baseline after a full run: tighter rows, new files in, files that are not ``present`` out.

    ``renames`` maps new paths to old ones; a renamed file keeps its floor. Exceptions that are no longer
    needed are dropped.
    """
    key = environment.key
    old = baseline.pinned(key)
    moved = {
        path: old[renames.get(path, path)] for path, _ in _inside(files) if renames.get(path, path) in old
    }
    rows = {place: row for place, row in baseline.rows.items() if place[0] != key}
    rows |= {(key, path): row for path, row in old.items() if path in present and path not in files}
    rows |= {
        (key, path): moved[path].tightened(counts) if path in moved else Row(counts)
        for path, counts in _inside(files)
    }
    kept = tuple(one for one in baseline.waivers if one.key != key or _is_needed(one, files, moved))
    return Baseline(environments=(*_others(baseline, environment), environment), rows=rows, waivers=kept)


def _is_needed(one: Waiver, files: Mapping[str, Counts], rows: Mapping[str, Row]) -> bool:
    if one.path not in files:
        return one.path == TOTAL
    return one.path not in rows or rows[one.path].rejects(files[one.path])


def _inside(files: Mapping[str, Counts]) -> Iterable[tuple[str, Counts]]:
    """Files of the project: what was measured outside has paths of this machine alone."""
    return ((path, counts) for path, counts in files.items() if not PurePosixPath(path).is_absolute())


def _others(baseline: Baseline, environment: Environment) -> list[Environment]:
    return [one for one in baseline.environments if one.key != environment.key]
