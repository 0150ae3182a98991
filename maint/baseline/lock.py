"""Folders in the user's cache that live as long as the process that holds their lock (flock)."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from maint.errors import BaselineError


def cache_root(outside: Path) -> Path:
    """A writable folder outside of ``outside``: the user's cache, else the temp dir.

    Raises BaselineError where neither will do.
    """
    named = os.environ.get("XDG_CACHE_HOME", "")
    caches = Path(named) if Path(named).is_absolute() else Path("~/.cache").expanduser()
    private = Path(tempfile.gettempdir(), f"pytest-maint-{os.getuid()}")
    for candidate in (caches / "pytest-maint" / "trees", private / "trees"):
        where = Path(os.path.realpath(candidate))
        if where.is_absolute() and not where.is_relative_to(outside) and _usable(where):
            return where
    raise BaselineError(f"{outside}: no writable cache folder outside of it; set XDG_CACHE_HOME to one")


def _usable(where: Path) -> bool:
    """True where a file can be made and locked; a folder of somebody else's is not ours to trust."""
    try:
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.stat().st_uid != os.getuid() for folder in (where, where.parent)):
            return False
        with tempfile.TemporaryFile(dir=where) as probe:
            fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def key(path: Path) -> str:
    """A folder name for ``path``: twelve hex digits."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


@contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Hold ``folder``'s lock if it is free, without waiting; says whether it is held."""
    lock = folder.with_name(folder.name + ".lock")
    descriptor = _lock(lock)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            # Unlinked while still locked: who opened it meanwhile notices that the name moved on.
            lock.unlink(missing_ok=True)
            os.close(descriptor)


def _lock(lock: Path) -> int | None:
    while True:
        lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            continue  # the folder went away between the two lines: a leaving process tidied up
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_nlink:
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            return None
        os.close(descriptor)


@contextmanager
def folder(shelf: Path, name: str) -> Iterator[Path]:
    """An empty folder ``shelf/name-N``, N the first not in use, removed with its content at the end."""
    try:
        for number in count():
            path = shelf / f"{name}-{number}"
            with held(path) as mine:
                if mine:
                    yield from _fresh(path)
                    return
    finally:
        with suppress(OSError):
            shelf.rmdir()


def _fresh(path: Path) -> Iterator[Path]:
    remove_tree(path)
    path.mkdir(mode=0o700, parents=True)
    try:
        yield path
    finally:
        remove_tree(path)


def abandoned(root: Path) -> Iterator[Path]:
    """Folders below ``root/*`` that no living process holds, each locked while the caller has it."""
    for lock in sorted(root.glob("*/*.lock")):
        path = lock.with_suffix("")
        with held(path) as mine:
            if mine:
                yield path


def remove_tree(path: Path) -> None:
    """Remove ``path`` and all below, also where write permission was taken away."""
    for _ in range(2):
        shutil.rmtree(path, ignore_errors=True)
        if not os.path.lexists(path):
            return
        for parent, _folders, _files in os.walk(path):
            with suppress(OSError):
                Path(parent).chmod(stat.S_IRWXU)
