"""``maint ports list`` and ``get``: what is registered, as it is on this machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from maint.cli.main import CLEAN
from maint.ports.active import active, opened
from maint.ports.lookup import PortError, overridden
from maint.ports.ranges import shown
from maint.ports.registry import Entry, Registry
from maint.ports.wording import suggestion
from maint.report.cells import pad, printable

if TYPE_CHECKING:
    import argparse

SCHEMA = "maint.ports.list/1"


def show(arguments: argparse.Namespace) -> int:
    """Print every registered port."""
    _, found = entries(arguments)
    if arguments.format == "json":
        print(json.dumps({"schema": SCHEMA, "ports": [as_json(entry) for entry in found]}, indent=2))
        return CLEAN
    rows = [
        ("name", "port", "proto", "host", "machine", "owner", "purpose"),
        *(tuple(map(printable, _cells(entry))) for entry in found),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(pad(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return CLEAN


def get(arguments: argparse.Namespace) -> int:
    """Print one number."""
    registry, found = entries(arguments)
    name = arguments.name
    entry = next((one for one in found if one.name == name), None)
    if entry is None:
        raise PortError(
            f"{registry.path.name}: no port {printable(name)!r}; {suggestion(name, registry.entries)}"
        )
    print(entry.ports[0])
    return CLEAN


def entries(arguments: argparse.Namespace) -> tuple[Registry, tuple[Entry, ...]]:
    """The registry that the arguments mean, and its entries as they are in that set, on that machine."""
    registry = opened(arguments.registry)
    chosen = active(registry, arguments.set, arguments.machine)
    return registry, tuple(overridden(entry) for entry in chosen)


def as_json(entry: Entry) -> dict[str, Any]:
    """An entry as plain JSON; ``ports`` are the first and the last."""
    ports = {"port": entry.ports[0], "ports": [entry.ports[0], entry.ports[-1]]}
    return {"name": entry.name, **ports, **{key: getattr(entry, key) for key in _KEYS}}


_KEYS = ("proto", "host", "machine", "owner", "purpose", "bind", "line")


def _cells(entry: Entry) -> tuple[str, ...]:
    machine = entry.machine or "-"
    return (
        entry.name,
        shown(entry.ports),
        entry.proto,
        entry.host,
        machine,
        entry.owner or "-",
        entry.purpose or "-",
    )
