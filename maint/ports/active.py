"""Which registry applies, and which of its sets and machines: found once, read again when it changed."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import NamedTuple

from maint.ports.lookup import FILE_VARIABLE, MACHINE_VARIABLE, SET_VARIABLE, PortError
from maint.ports.registry import FILE, Entry, Registry, load
from maint.ports.wording import suggestion


class _Kept(NamedTuple):
    """A registry, and the state of its file when it was read."""

    stamp: tuple[int, int, int]
    registry: Registry


# A program asks for its ports one by one; the file is read for the first of them.
_KEPT: dict[Path, _Kept] = {}


def opened(registry: Registry | Path | str | None = None, caller: str | None = None) -> Registry:
    """The registry that is given, or is found; PortError where there is none, ConfigError where it is bad."""
    if isinstance(registry, Registry):
        return registry
    path = Path(registry) if registry is not None else find(caller)
    if path is None:
        raise PortError(
            f"{FILE}: not found from {Path.cwd()} upwards; write one with maint ports init, "
            f"or set {FILE_VARIABLE}"
        )
    try:
        found = path.stat()
    except OSError:
        return load(path)
    stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
    kept = _KEPT.get(path)
    if kept is None or kept.stamp != stamp or not _unchanged(kept.registry):
        kept = _KEPT[path] = _Kept(stamp, load(path))
    return kept.registry


def active(registry: Registry, set_name: str | None = None, machine: str | None = None) -> tuple[Entry, ...]:
    """Every entry with its ports in a set, on a machine.

    Unless given, those are of ``MAINT_PORT_SET`` and ``MAINT_MACHINE``, else no set, and this host.
    Raises PortError when there is no such set or machine.
    """
    chosen = set_name or os.environ.get(SET_VARIABLE) or None
    if chosen is not None and chosen not in registry.sets:
        where = "--set " if set_name else f"{SET_VARIABLE}="
        raise PortError(f"{where}{chosen!r}: no such set; {suggestion(chosen, registry.sets)}")
    return registry.effective(chosen, _machine(registry, machine))


def _machine(registry: Registry, given: str | None) -> str | None:
    name = given or os.environ.get(MACHINE_VARIABLE)
    if not name:
        return registry.here(socket.gethostname()) if registry.machines else None
    if name not in registry.machines:
        where = "--machine " if given else f"{MACHINE_VARIABLE}="
        raise PortError(f"{where}{name!r}: no such machine; {suggestion(name, registry.machines)}")
    return name


def find(caller: str | None = None) -> Path | None:
    """``MAINT_PORTS_FILE``, else the nearest registry from the working directory or ``caller`` upwards.

    The search ends at the top of a git repository; None when there is none.
    """
    if named := os.environ.get(FILE_VARIABLE):
        return Path(named)
    starts = [Path.cwd(), *([Path(caller).resolve().parent] if caller else [])]
    return next((found for start in starts if (found := upwards(start)) is not None), None)


def upwards(start: Path) -> Path | None:
    """The nearest registry from ``start`` upwards: what ``[tool.maint.ports]`` names, or ``ports.yaml``."""
    for folder in (start, *start.parents):
        if (named := _named(folder)) is not None:
            return named
        if (folder / FILE).is_file():
            return folder / FILE
        if (folder / ".git").exists():
            return None
    return None


def _named(root: Path) -> Path | None:
    from maint.config import FILE as PYPROJECT
    from maint.config import table

    try:
        # most files say nothing of ours, and need not be parsed, nor be valid
        if b"maint" not in (root / PYPROJECT).read_bytes():
            return None
    except OSError:
        return None
    ports = table(root).get("ports")
    name = ports.get("registry") if isinstance(ports, dict) else None
    return root / name if isinstance(name, str) else None


def _unchanged(registry: Registry) -> bool:
    return all(os.environ.get(name) == value for name, value in registry.variables.items())
