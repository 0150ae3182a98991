"""The registry of this project as the guard and the leases need it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from maint.config import Config
from maint.errors import MaintError
from maint.ports.active import active, opened
from maint.ports.lookup import overridden
from maint.ports.registry import Entry
from maint.ports.scan.owners import matches


class Ownership:
    """The registered ports, as they are on this host and in the active set; ``path`` is their file."""

    def __init__(self, entries: Iterable[Entry] = (), path: Path = Path()) -> None:
        self._path = path
        self._entries = tuple(entries)

    def entry(self, port: int, proto: str) -> Entry | None:
        """Who has ``port``."""
        return next((one for one in self._entries if one.proto == proto and port in one.ports), None)

    def named(self, name: str) -> Entry | None:
        """The entry called ``name``."""
        return next((one for one in self._entries if one.name == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """All that are registered."""
        return tuple(one.name for one in self._entries)

    @property
    def numbers(self) -> frozenset[int]:
        """All registered ports."""
        return frozenset(port for one in self._entries for port in one.ports)

    def is_of(self, entry: Entry, file: Path) -> bool:
        """Whether the registry names ``file`` among those that may bind the port.

        An entry without such names is open to every file of the project, and yet it is no test's own.
        """
        folder = self._path.parent
        return file.is_relative_to(folder) and matches(file.relative_to(folder).as_posix(), entry.bind)

    def place(self, entry: Entry) -> str:
        """``ports.yaml:4``."""
        return f"{self._path.name}:{entry.line}"


def ownership(root: Path, chosen: Config) -> Ownership:
    """The project's registry; an empty one where the project has none, unless its file is named.

    Raises MaintError where it cannot be read.
    """
    # "../ports.yaml" without the dots, for files to lie under its folder; links are left as they are
    path = Path(os.path.normpath(root / chosen["ports.registry"]))
    if not path.is_file():
        if chosen.source("ports.registry") != "default":
            raise MaintError(f"ports.registry: {path}: no such file; write one with: maint ports init")
        return Ownership()
    return Ownership((overridden(one) for one in active(opened(path))), path)
