"""Patch coverage: of the statements that changed, how many are covered."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from maint.coverage.changes import changed_lines
from maint.coverage.counts import Counts
from maint.coverage.measured import Measured
from maint.coverage.statements import StatementMap
from maint.git import Repository
from maint.refs import resolve


class ChangedFile(msgspec.Struct, frozen=True):
    """First lines of the statements that changed, of those uncovered, and whether the data holds the file."""

    path: str
    statements: tuple[int, ...]
    uncovered: tuple[int, ...]
    measured: bool


class Patch(msgspec.Struct, frozen=True, kw_only=True):
    """What changed since ``commit``, where this branch left ``ref``; ``note`` says how ``ref`` was found."""

    ref: str
    commit: str
    files: tuple[ChangedFile, ...]
    note: str = ""

    @property
    def counts(self) -> Counts:
        """The changed statements, and those of them that are missed."""
        return Counts(
            sum(len(file.statements) for file in self.files), sum(len(file.uncovered) for file in self.files)
        )


class _Statements(Protocol):
    def touched(self, path: str, lines: frozenset[int]) -> frozenset[int] | None: ...

    def is_measurable(self, path: str) -> bool: ...


def patch_since(root: Path, ref: str, measured: Measured) -> Patch:
    """What changed in the working tree of ``root`` since this branch left ``ref``.

    Raises BaselineError: no repository, unknown ref, a clone too shallow; each names the remedy.
    """
    found = resolve(Repository.open(root), ref)
    lines = changed_lines(root, found.commit)
    files = changed_files(lines, measured, StatementMap(root, measured))
    return Patch(ref=ref, commit=found.commit, files=files, note=found.note)


def changed_files(
    lines: Mapping[str, frozenset[int]], measured: Measured, statements: _Statements
) -> tuple[ChangedFile, ...]:
    """The files with changed statements; where a run should have measured one and did not, all are missed."""
    found = []
    for path, changed in sorted(lines.items()):
        known = measured.files.get(path)
        if known is None and not statements.is_measurable(path):
            continue
        touched = statements.touched(path, changed)
        if touched is None:
            continue
        counted = touched & {*known.executed, *known.missing} if known else touched
        uncovered = counted & set(known.missing) if known else touched
        if counted:
            found.append(
                ChangedFile(path, tuple(sorted(counted)), tuple(sorted(uncovered)), known is not None)
            )
    return tuple(found)
