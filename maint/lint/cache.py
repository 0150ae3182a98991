"""What was found last time, by the content of each file: only what changed is looked at again."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from maint.errors import MaintError
from maint.lint.inspection import Outcome
from maint.lint.tolerant import has_tree_sitter
from maint.report.atomic import write_bytes

FOLDER = ".maint/cache"
KEPT_DAYS = 30
_DAY_S = 86_400
_PREFIX = "lint-"
# The cache is nobody's source, whatever the project's own ignore file says.
_IGNORE = b"*\n"


T = TypeVar("T")


class _Entry(msgspec.Struct, Generic[T], frozen=True, array_like=True):
    day: int
    outcome: T


class Store(Generic[T]):
    """What was found by the digest of path and content; valid for one version of what finds it.

    A damaged file counts as empty, one that cannot be written is left: a cache never fails a run.
    """

    def __init__(
        self, folder: Path | None, kind: type[T], prefix: str, version: str, now_s: float | None = None
    ) -> None:
        """``folder`` None is no cache; ``version`` is everything that decides what is found in a content.

        ``now_s`` is the time in seconds since the epoch, by default the clock's.
        """
        self._now_s = time.time() if now_s is None else now_s
        self._prefix = prefix
        self._decoder = msgspec.msgpack.Decoder(dict[bytes, _Entry[kind]])  # type: ignore[valid-type]
        self._path = None if folder is None else folder / f"{prefix}{version}.msgpack"
        self._today = int(self._now_s) // _DAY_S
        self._entries: dict[bytes, _Entry[T]] = self._load()
        self._is_stale = False

    def get(self, digest: bytes) -> T | None:
        """The outcome of the file with this digest."""
        entry = self._entries.get(digest)
        if entry is None:
            return None
        if entry.day != self._today:
            self.put(digest, entry.outcome)
        return entry.outcome

    def put(self, digest: bytes, outcome: T) -> None:
        """Remember an outcome, as used today."""
        self._entries[digest] = _Entry(self._today, outcome)
        self._is_stale = True

    def save(self) -> None:
        """Write what is new, without what nobody asked for in ``KEPT_DAYS``."""
        if self._path is None or not self._is_stale:
            return
        recent = {key: one for key, one in self._entries.items() if self._today - one.day <= KEPT_DAYS}
        try:
            if not (self._path.parent / ".gitignore").exists():
                write_bytes(self._path.parent / ".gitignore", _IGNORE)
            write_bytes(self._path, msgspec.msgpack.encode(recent))
        except MaintError:
            return
        others = set(self._path.parent.glob(f"{self._prefix}*.msgpack")) - {self._path}
        _prune(others, self._now_s)

    def _load(self) -> dict[bytes, _Entry[T]]:
        if self._path is None:
            return {}
        try:
            found: dict[bytes, _Entry[T]] = self._decoder.decode(self._path.read_bytes())
            return found
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return {}


class Cache(Store[Outcome]):
    """Outcomes of the rules; valid for one set of options, rules and Python minor."""

    def __init__(self, folder: Path | None, options: str, now_s: float | None = None) -> None:
        """``options`` is everything of the settings that decides what is found in a content."""
        super().__init__(folder, Outcome, _PREFIX, _identity(rules_version(), options), now_s)


def digest(path: str, content: bytes) -> bytes:
    """What identifies a file for the rules: its path, which some of them read, and its content."""
    state = hashlib.blake2b(path.encode("utf-8", "surrogatepass") + b"\0", digest_size=16)
    state.update(content)
    return state.digest()


def rules_version() -> str:
    """Identity of this package's code: a changed rule finds what an old cache does not hold."""
    return _code(Path(__file__).parent)


@cache
def _code(folder: Path) -> str:
    state = hashlib.blake2b(digest_size=16)
    for path in sorted(folder.rglob("*.py")):
        state.update(path.read_bytes())
    return state.hexdigest()


def version(code: Path, options: str = "") -> str:
    """What a store is valid for: the code in a folder, this Python, its packages, and ``options``."""
    return _identity(_code(code), options)


def _identity(code: str, options: str) -> str:
    parts = (code, "{}.{}".format(*sys.version_info), str(has_tree_sitter()), options)
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _prune(paths: Iterable[Path], now_s: float) -> None:
    """Delete the caches of options and rules that were not used in a while."""
    for path in paths:
        try:
            if now_s - path.stat().st_mtime > KEPT_DAYS * _DAY_S:
                path.unlink()
        except OSError:  # another run was first
            continue
