"""Which files a run looks at, and which it does not and why."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Set
from fnmatch import fnmatch
from pathlib import Path, PurePath
from typing import NamedTuple

from maint.errors import InputError
from maint.git import attempt, split

SIZE_LIMIT = 8 * 1024 * 1024
SUFFIXES = frozenset({".py", ".pyw"})
_OTHER = "not Python"
# Where no git says what is ignored: the folders that flake8 leaves out too, and what package managers fill.
_LEFT_OUT = (
    ".git",
    ".hg",
    ".svn",
    ".bzr",
    "CVS",
    "__pycache__",
    ".tox",
    ".nox",
    ".eggs",
    "*.egg",
    "node_modules",
)


class Skipped(NamedTuple):
    """A file or folder that was not looked at; ``path`` as in findings."""

    path: str
    reason: str


class Discovery(NamedTuple):
    """Sorted paths, POSIX and relative to the root where they are below it.

    ``files`` are the Python sources, ``others`` what lies beside them in the folders that were given.
    """

    files: list[str]
    skipped: list[Skipped]
    others: list[str]

    def among(self, paths: Set[str]) -> Discovery:
        """Those of ``paths``."""
        return Discovery(
            [path for path in self.files if path in paths],
            [one for one in self.skipped if one.path in paths],
            [path for path in self.others if path in paths],
        )


def discover(root: Path, paths: Iterable[Path]) -> Discovery:
    """The Python files among ``paths`` (files as they are, folders with all below them).

    In a git repository a folder's files are those that git tracks or would track; an ignored folder that was
    named is searched. A file that was named is looked at whatever it is called. Raises InputError for a path
    that does not exist.
    """
    sorted_in = _Sorted(root)
    for given in paths:
        if given.is_dir():
            sorted_in.add(_folder(given))
        elif given.exists() or given.is_symlink():
            sorted_in.add([(given, _unfit(given))])
        else:
            raise InputError(f"{given}: no such file or folder; give paths that exist")
    return sorted_in.discovery()


def relative(root: Path, path: Path) -> str:
    """``path`` as findings name it: POSIX and relative to ``root`` where it lies below."""
    # Not resolve(): a symbolic link is named as the user sees it.
    absolute = Path(os.path.normpath(Path.cwd() / path))
    if not absolute.is_relative_to(root):
        # a folder above that is a link, such as macOS's /tmp
        absolute = Path(os.path.realpath(absolute.parent)) / absolute.name
    return (absolute.relative_to(root) if absolute.is_relative_to(root) else absolute).as_posix()


class _Sorted:
    """Paths as they come in: each once, however often it was given."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: set[str] = set()
        self._others: set[str] = set()
        self._skipped: dict[str, str] = {}

    def add(self, rows: Iterable[tuple[Path, str]]) -> None:
        """``rows`` are paths with a reason to skip them, ``""`` for a Python file, ``_OTHER`` for another."""
        for path, reason in rows:
            name = relative(self._root, path)
            if reason == _OTHER:
                self._others.add(name)
            elif reason:
                self._skipped[name] = reason
            else:
                self._files.add(name)

    def discovery(self) -> Discovery:
        skipped = [Skipped(path, self._skipped[path]) for path in sorted(self._skipped)]
        return Discovery(sorted(self._files), skipped, sorted(self._others - self._files))


def _folder(folder: Path) -> Iterator[tuple[Path, str]]:
    """Each Python file below ``folder`` with the reason to skip it, or ``""``."""
    listed = attempt("ls-files", "-z", "-co", "--exclude-standard", cwd=folder)
    names = split(listed.stdout) if listed.returncode == 0 else []
    if not names:  # no repository, or an ignored folder that was named all the same
        yield from _walk(folder)
    for name in names:
        path = folder / name
        if name.endswith("/") or (path.is_dir() and not path.is_symlink()):
            yield path, "a repository of its own: run there"
        else:
            yield from _judged(path)


def _walk(top: Path) -> Iterator[tuple[Path, str]]:
    for folder, below, names in os.walk(top):
        here = Path(folder)
        below[:] = sorted(name for name in below if not _is_left_out(here / name))
        yield from (
            (here / name, "a symbolic link to a folder") for name in below if (here / name).is_symlink()
        )
        for name in names:
            yield from _judged(here / name)


def _is_left_out(folder: Path) -> bool:
    return any(fnmatch(folder.name, pattern) for pattern in _LEFT_OUT) or (folder / "pyvenv.cfg").is_file()


def _judged(path: Path) -> Iterator[tuple[Path, str]]:
    """``path`` with what it is: Python by its name or by its first line, or something else."""
    if path.suffix in SUFFIXES:
        if path.is_symlink() or path.exists():  # else deleted on disk, still in the index
            yield path, _unfit(path)
    else:
        yield path, "" if not path.suffix and _is_script(path) else _OTHER


def _is_script(path: Path) -> bool:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return False
        with path.open("rb") as file:
            line = file.readline(128)
    except OSError:
        return False
    return line.startswith(b"#!") and b"python" in line


def _unfit(path: Path) -> str:
    """Why ``path`` cannot be looked at, or ``""``."""
    try:
        status = path.stat()
    except OSError as error:
        return "a broken or circular symbolic link" if path.is_symlink() else _cause(error)
    if stat.S_ISDIR(status.st_mode):
        return "a symbolic link to a folder"
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if status.st_size > SIZE_LIMIT:
        return f"too large: {status.st_size:,} bytes, read are files up to {SIZE_LIMIT:,}"
    return ""


def _cause(error: OSError) -> str:
    return f"cannot be read: {(error.strerror or str(error)).lower()}"


def read(root: Path, path: str) -> bytes | str:
    """The content of a discovered file, or the reason why there is none to look at."""
    try:
        return (root / PurePath(path)).read_bytes()
    except OSError as error:
        return _cause(error)
