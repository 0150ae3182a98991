"""A folder of this user's that one process at a time holds, and that goes away when it is empty."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from maint.errors import MaintError


class LedgerError(MaintError):
    """The ledger cannot be kept: its folder is not writable, or somebody else's."""


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold ``folder``'s lock, making it when missing; it ends with the process at the latest.

    A descriptor of its own each time: one that a forked child had a copy of would outlive a killed parent.
    """
    while True:
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except FileNotFoundError:
            _make(folder)
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_at(folder, os.fstat(descriptor)):
                yield
                return
        finally:
            os.close(descriptor)


def _is_at(folder: Path, held: os.stat_result) -> bool:
    """Whether what is held is what has the name: the last one may have taken it away meanwhile."""
    try:
        named = folder.stat()
    except FileNotFoundError:
        return False
    return (named.st_dev, named.st_ino) == (held.st_dev, held.st_ino)


def _make(folder: Path) -> None:
    """Make ``folder``, in one that nobody else can write to."""
    parent = folder.parent
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):  # taken away again by another session that ended
        if parent.lstat().st_uid != os.getuid():
            raise LedgerError(
                f"{parent}: belongs to somebody else; set XDG_RUNTIME_DIR to a folder of your own"
            )
        folder.mkdir(mode=0o700, exist_ok=True)


def remove(folder: Path, *names: str) -> None:
    """Delete the files ``names`` of ``folder``, which is held; then it and the one above it, where empty."""
    for name in names:
        (folder / name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # somebody else's part of the parent is still in use
        folder.rmdir()
        folder.parent.rmdir()
