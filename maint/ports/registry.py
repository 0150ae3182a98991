"""The registry of ports: who owns which port of which machine, as ``ports.yaml`` says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from maint.errors import ConfigError
from maint.ports.ranges import shifted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = "ports.yaml"
PROTOS = ("tcp", "udp")


class Entry(NamedTuple):
    """One registered port, or range of them; ``ports`` is as written, before any set's offset.

    ``host`` is what the owner binds; ``machine`` is None for an owner that may run on any machine. ``bind``
    are globs of the files that may bind it, relative to the folder of the registry; none means any file.
    """

    name: str
    ports: range
    owner: str
    purpose: str
    proto: str
    host: str
    machine: str | None
    bind: tuple[str, ...]
    line: int


class Machine(NamedTuple):
    """A machine: its host names, ports nobody may register there, and ports that differ from the entry's."""

    name: str
    hosts: tuple[str, ...]
    reserved: tuple[range, ...]
    ports: Mapping[str, range]
    line: int


class Registry(NamedTuple):
    """What ``ports.yaml`` holds; ``sets`` are offsets by name.

    ``variables`` are those of the environment that the file asked for, with the values they had.
    """

    path: Path
    entries: Mapping[str, Entry]
    machines: Mapping[str, Machine]
    sets: Mapping[str, int]
    variables: Mapping[str, str | None]

    def effective(self, set_name: str | None = None, machine: str | None = None) -> tuple[Entry, ...]:
        """Every entry with the ports it has in a set, on ``machine``; one of another machine, as it is there.

        Raises KeyError when there is no such set.
        """
        offset = self.sets[set_name] if set_name else 0
        return tuple(
            entry._replace(ports=shifted(self.written(entry, entry.machine or machine), offset))
            for entry in self.entries.values()
        )

    def written(self, entry: Entry, machine: str | None) -> range:
        """The ports of ``entry`` on ``machine``, without any offset."""
        known = self.machines.get(machine) if machine else None
        return known.ports.get(entry.name, entry.ports) if known else entry.ports

    def here(self, hostname: str) -> str | None:
        """The name of the machine whose own name or one of whose ``hosts`` is ``hostname``."""
        names = {hostname.lower(), hostname.lower().partition(".")[0]}
        for machine in self.machines.values():
            if names & {name.lower() for name in (machine.name, *machine.hosts)}:
                return machine.name
        return None


def load(path: Path, environ: Mapping[str, str] | None = None) -> Registry:
    """Read and check a registry; ``environ`` fills its ``${VAR}`` in.

    Raises ConfigError listing every problem with its line, MaintError when PyYAML is missing.
    """
    from maint.ports.located import located
    from maint.ports.overlap import problems
    from maint.ports.reading import read

    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; write one with: maint ports init") from None
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"{path}: cannot be read: {said}") from None
    document = located(text, path.name)
    registry, found = read(document, path, os.environ if environ is None else environ)
    found = [*document.problems, *found] or list(problems(registry))
    if found:
        raise ConfigError("\n".join(f"{path.name}:{line}: {text}" for line, text in sorted(found)))
    return registry
