"""Edits are made only where git can take them back."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from maint.errors import InputError
from maint.git import attempt, split
from maint.report.cells import printable

# What git says where no folder above is a repository; of a broken or forbidden one it says something else.
_NO_REPOSITORY = "not a git repository (or any"


def refuse_uncommitted(root: Path, paths: Collection[str]) -> None:
    """Raise InputError where one of ``paths`` differs from the last commit, or where git will not tell.

    Outside of a repository nothing is known, and nothing is refused. Of a link its target is asked about,
    which is what would be written.
    """
    if not paths:
        return
    pathspecs = [f":(literal){(root / path).resolve()}" for path in paths]
    status = ("status", "--porcelain", "-z", "--untracked-files=all", "--ignored", "--")
    found = attempt(*status, *pathspecs, cwd=root)
    if found.returncode and _NO_REPOSITORY in found.stderr:
        return
    if found.returncode:
        # the first line says what is wrong, those behind it what could be done about it
        words = found.stderr.strip().splitlines() or [f"exit status {found.returncode}"]
        said = printable(words[0].removeprefix("fatal: ").removeprefix("error: "))
        raise InputError(
            f"git status in {root}: {said}; put that right, so that no uncommitted work is overwritten"
        )
    dirty = [entry[3:] for entry in split(found.stdout)]
    if dirty:
        more = f" and {len(dirty) - 1} more" if len(dirty) > 1 else ""
        raise InputError(
            f"{printable(dirty[0])}{more}: has uncommitted changes; commit or stash them, then apply"
        )
