"""Edits are made only where git can take them back."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from maint.errors import InputError
from maint.git import attempt, split


def refuse_uncommitted(root: Path, paths: Collection[str]) -> None:
    """Raise InputError where one of ``paths`` differs from the last commit; without git nothing is known."""
    if not paths:
        return
    pathspecs = [f":(literal){path}" for path in paths]
    found = attempt(
        "status", "--porcelain", "-z", "--untracked-files=all", "--ignored", "--", *pathspecs, cwd=root
    )
    dirty = [entry[3:] for entry in split(found.stdout)] if found.returncode == 0 else []
    if dirty:
        more = f" and {len(dirty) - 1} more" if len(dirty) > 1 else ""
        raise InputError(f"{dirty[0]}{more}: has uncommitted changes; commit or stash them, then apply")
