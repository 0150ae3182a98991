"""``maint ports export``: the registered ports as other programs read them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from maint.cli.main import CLEAN
from maint.cli.ports.registered import as_json, entries
from maint.errors import MaintError
from maint.ports.hosts import is_wildcard
from maint.ports.ranges import shown
from maint.ports.reading import environment_name
from maint.report.cells import printable

if TYPE_CHECKING:
    import argparse

    from maint.ports.registry import Entry

SCHEMA = "maint.ports.export/1"
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")


def export(arguments: argparse.Namespace) -> int:
    """Print the entries in one of the formats."""
    registry, found = entries(arguments)
    if not _LABEL.fullmatch(arguments.name):
        raise MaintError(f"--name {printable(arguments.name)!r}: expected small letters, digits, '-' and '.'")
    note = f"# from {printable(registry.path.name)} by maint ports export; change it there"
    lines = {
        "env": (note, *_env(found)),
        "json": _json(found),
        "compose": (note, *_compose(found)),
        "configmap": (note, *_configmap(found, arguments.name)),
    }
    for line in lines[arguments.format]:
        print(line)
    return CLEAN


def _env(found: Iterable[Entry]) -> Iterator[str]:
    """Lines of a ``.env`` file; of a range, the first port."""
    for entry in found:
        yield f"{environment_name(entry.name)}={entry.ports[0]}"


def _json(found: Iterable[Entry]) -> Iterator[str]:
    yield json.dumps({"schema": SCHEMA, "ports": {one.name: as_json(one) for one in found}}, indent=2)


def _compose(found: Iterable[Entry]) -> Iterator[str]:
    """A file to lay over the project's own: each owner is a service that publishes its ports.

    JSON strings are YAML strings; so nothing that a registry says can be more than a string here.
    """
    by_owner: dict[str, list[Entry]] = {}
    for entry in found:
        by_owner.setdefault(entry.owner, []).append(entry)
    if alone := by_owner.pop("", []):
        yield "# without an owner, so of no service: " + ", ".join(entry.name for entry in alone)
    yield "services:" if by_owner else "services: {}"
    for owner, owned in by_owner.items():
        yield f"  {json.dumps(owner)}:"
        yield "    environment:"
        for entry in owned:
            yield f'      {environment_name(entry.name)}: "{entry.ports[0]}"'
        yield "    ports:"
        for entry in owned:
            yield f"      - {json.dumps(_published(entry))}"


def _published(entry: Entry) -> str:
    host = "" if is_wildcard(entry.host) else f"{_bracketed(entry.host)}:"
    return f"{host}{shown(entry.ports)}:{shown(entry.ports)}/{entry.proto}"


def _bracketed(host: str) -> str:
    bare = "127.0.0.1" if host == "localhost" else host
    return f"[{bare}]" if ":" in bare else bare


def _configmap(found: Iterable[Entry], name: str) -> Iterator[str]:
    yield from ("apiVersion: v1", "kind: ConfigMap", "metadata:", f"  name: {json.dumps(name)}", "data:")
    for entry in found:
        yield f'  {environment_name(entry.name)}: "{entry.ports[0]}"'
