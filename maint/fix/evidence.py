"""What broad handlers were seen to catch: the evidence file, and how runs add up in it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import msgspec

from maint.errors import InputError, MaintError
from maint.fix.inventory import Key
from maint.report import atomic
from maint.report.bundle import claim

SCHEMA: Literal["maint.except/1"] = "maint.except/1"
FILE = "except.json"
OUTSIDE = ""  # the "test" of what was caught while no test ran


class Observation(msgspec.Struct, frozen=True):
    """One exception type that one handler caught, raised in one place.

    ``bases`` are ``module:name`` of the type and its bases, nearest first, each by its shortest import;
    ``place`` is ``module:function`` of the raising frame, ``file`` the project's file in which that is, empty
    for a library; ``tests`` counts by node id.
    """

    bases: tuple[str, ...]
    place: str
    file: str
    tests: dict[str, int]

    @property
    def count(self) -> int:
        """How often it was caught."""
        return sum(self.tests.values())

    @property
    def tested(self) -> int:
        """How often it was caught while a test ran; the rest happens once in each process that imports."""
        return self.count - self.tests.get(OUTSIDE, 0)

    @property
    def identity(self) -> tuple[str, str]:
        """What tells it from the other observations of its handler."""
        return self.bases[0], self.place


class HandlerEvidence(msgspec.Struct, frozen=True):
    """What one handler caught. ``imported`` says whether its module was loaded under the recorder."""

    path: str
    symbol: str
    ordinal: int
    try_hash: str
    line: int
    imported: bool
    observations: tuple[Observation, ...] = ()

    @property
    def key(self) -> Key:
        """The key of its handler."""
        return Key(self.path, self.symbol, self.ordinal, self.try_hash)


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """``not_recorded``: path -> why a process could not watch the handlers of that file."""

    schema: Literal["maint.except/1"] = SCHEMA
    python: str
    handlers: tuple[HandlerEvidence, ...]
    not_recorded: dict[str, str] = msgspec.field(default_factory=dict)


def merged(earlier: Evidence, latest: Evidence, ran: Collection[str]) -> Evidence:
    """``latest`` with what ``earlier`` knows about the same handlers from tests that did not run again.

    Handlers that ``latest`` does not list any more, or lists with another try body, are dropped.
    """
    known = {each.key: each for each in earlier.handlers}
    handlers = tuple(
        _handler(known[each.key], each, ran) if each.key in known else each for each in latest.handlers
    )
    return msgspec.structs.replace(latest, handlers=handlers)


def _handler(earlier: HandlerEvidence, latest: HandlerEvidence, ran: Collection[str]) -> HandlerEvidence:
    kept = {each.identity: _without(each, ran) for each in earlier.observations}
    for each in latest.observations:
        tests = kept[each.identity].tests | each.tests if each.identity in kept else each.tests
        kept[each.identity] = msgspec.structs.replace(each, tests=dict(sorted(tests.items())))
    observations = tuple(kept[identity] for identity in sorted(kept) if kept[identity].tests)
    imported = latest.imported or earlier.imported
    return msgspec.structs.replace(latest, observations=observations, imported=imported)


def _without(observation: Observation, ran: Collection[str]) -> Observation:
    tests = {test: n for test, n in observation.tests.items() if test not in ran and test != OUTSIDE}
    return msgspec.structs.replace(observation, tests=tests)


def read(path: Path) -> Evidence:
    """The evidence in ``path``; InputError where there is none or it is something else."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Evidence)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; record it with: pytest --maint-except record") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}; check its permissions") from None
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise InputError(f"{path}: no evidence of schema {SCHEMA}: {error}; record it again") from None


def add(path: Path, latest: Evidence, ran: Collection[str]) -> Evidence:
    """Merge ``latest`` into the file at ``path`` in one step; what cannot be read there is replaced.

    Two sessions that end at once take turns. Raises MaintError when the file cannot be written.
    """
    with _turn(path.parent):
        try:
            whole = merged(read(path), latest, ran)
        except InputError:
            whole = latest
        claim(path.parent)
        atomic.write_bytes(path, msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n")
    return whole


def refuse_without_locks() -> None:
    """Raise MaintError where the system cannot have two sessions take turns at the file."""
    if find_spec("fcntl") is None:
        raise MaintError("--maint-except record: this system has no fcntl; record on Linux or macOS")


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Hold the lock of ``folder`` itself: no lock file that could stay behind."""
    import fcntl

    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise InputError(atomic.unwritable(folder, error)) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
