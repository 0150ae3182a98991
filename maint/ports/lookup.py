"""The number of a registered port, for the program that binds it or connects to it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from maint.errors import MaintError

if TYPE_CHECKING:
    from pathlib import Path

    from maint.ports.registry import Entry, Registry

FILE_VARIABLE, SET_VARIABLE, MACHINE_VARIABLE = "MAINT_PORTS_FILE", "MAINT_PORT_SET", "MAINT_MACHINE"


class PortError(MaintError, ValueError):
    """A port that cannot be had: no such name, no registry, an override that is no port."""


class Resolved(NamedTuple):
    """The ports a name stands for here and now; ``host`` is what its owner binds."""

    name: str
    ports: range
    proto: str
    host: str
    owner: str


def get_port(name: str, *, registry: Registry | Path | str | None = None) -> int:
    """The port of ``name``; the first one where a range is registered.

    ``PORT_<NAME>`` in the environment wins, and needs no registry. Else the registry's port, as it is on this
    machine (``MAINT_MACHINE``, or the host name), moved by the offset of the set in ``MAINT_PORT_SET``.
    ``registry`` is one that was loaded, or its file; without it ``MAINT_PORTS_FILE`` names the file, or it is
    the nearest ``ports.yaml`` from the working directory upwards, then from the caller's file.

    Raises PortError, a ValueError, naming near misses; ConfigError where the registry is not valid.
    """
    override = _override(name)
    if override is not None and registry is None:
        return override
    return resolve(name, registry, caller=caller_file()).ports[0]


def resolve(
    name: str, registry: Registry | Path | str | None = None, *, caller: str | None = None
) -> Resolved:
    """All that is known of ``name``, as `get_port` finds it; ``caller`` is a file to search upwards from."""
    from maint.ports.active import active, find, opened
    from maint.ports.wording import suggestion

    override = _override(name)
    if override is not None and registry is None and find(caller) is None:
        return Resolved(name, range(override, override + 1), "tcp", "*", "")
    chosen = opened(registry, caller)
    if name not in chosen.entries:
        raise PortError(f"{chosen.path.name}: no port {name!r}; {suggestion(name, chosen.entries)}")
    entry = overridden(next(one for one in active(chosen) if one.name == name))
    return Resolved(name, entry.ports, entry.proto, entry.host, entry.owner)


def overridden(entry: Entry) -> Entry:
    """With the ports that ``PORT_<NAME>`` asks for; a range keeps its length."""
    from maint.ports.ranges import HIGHEST, shifted
    from maint.ports.reading import environment_name

    first = _override(entry.name)
    if first is None:
        return entry
    moved = shifted(entry.ports, first - entry.ports.start)
    if moved[-1] > HIGHEST:
        raise PortError(
            f"{environment_name(entry.name)}={first}: {len(moved)} ports from there end at {moved[-1]}, "
            f"over {HIGHEST}; set it to {HIGHEST + 1 - len(moved)} or less"
        )
    return entry._replace(ports=moved)


def caller_file() -> str | None:
    """The file of the code that called the function which calls this."""
    return sys._getframe(2).f_globals.get("__file__")


def _override(name: str) -> int | None:
    from maint.ports.ranges import parse
    from maint.ports.reading import environment_name

    variable = environment_name(name)
    raw = os.environ.get(variable)
    if raw is None or not raw.strip():
        return None
    try:
        ports = parse(raw)
    except ValueError:
        ports = range(0)
    if len(ports) != 1:
        raise PortError(f"{variable}={raw!r}: expected a port from 1 to 65535; set it to one, or unset it")
    return ports[0]
