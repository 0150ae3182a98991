"""A first ``ports.yaml`` from what a scan found, for a person to complete."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from maint.ports.reading import DEFAULT_HOST
from maint.ports.scan.judge import is_sure, zone
from maint.ports.scan.owners import owner
from maint.ports.scan.site import Site
from maint.report.cells import printable

_DEFAULT_HOSTS = (DEFAULT_HOST, "localhost")
_HEAD = """\
# The registry of ports, from what maint ports scan found. Name the entries as people call the services,
# say what each is for, and read the numbers with: from maint.ports import get_port
version: 1
ports:
"""


def draft(sites: Iterable[Site]) -> str:
    """The text of the file: one entry for each port that something binds, collisions as comments."""
    groups: dict[tuple[int, str], list[Site]] = {}
    for site in sites:
        if site.role == "bind" and is_sure(site) and zone(site) and not site.name:
            groups.setdefault((site.port or 0, site.proto), []).append(site)
    taken: dict[str, int] = {}
    entries = [_entry(port, proto, group, taken) for (port, proto), group in sorted(groups.items())]
    return _HEAD + ("".join(entries) or "  {}\n")


def _entry(port: int, proto: str, group: list[Site], taken: dict[str, int]) -> str:
    first, *others = sorted(group, key=lambda one: (one.path, one.line))
    who = owner(first, ())
    paths = sorted({one.path for one in group if owner(one, ()) == who})
    strangers = sorted({one.place for one in others if owner(one, ()) != who})
    lines = [f"  {_name(first, taken)}:"]
    lines += [f"    # collision: bound in {printable(place)}, too" for place in strangers]
    lines.append(f"    port: {port}")
    lines.append(f"    owner: {_quoted(who)}")
    if proto != "tcp":
        lines.append(f"    proto: {proto}")
    if first.host not in _DEFAULT_HOSTS:
        lines.append(f"    host: {_quoted(first.host or '*')}")
    lines.append(f"    bind: [{', '.join(map(_quoted, paths))}]")
    return "\n".join(lines) + "\n"


def _name(site: Site, taken: dict[str, int]) -> str:
    """Of the service, else of the file and its folder; with a number where several have one name."""
    parts: Iterable[str] = PurePosixPath(site.path).with_suffix("").parts[-2:]
    words = re.sub(r"[^A-Z0-9]+", "_", (site.owner or "_".join(parts)).upper()).strip("_")
    name = words if words[:1].isalpha() else f"PORT_{words}".rstrip("_")
    taken[name] = taken.get(name, 0) + 1
    return name if taken[name] == 1 else f"{name}_{taken[name]}"


def _quoted(text: str) -> str:
    """A double-quoted YAML scalar, which is a JSON string."""
    return json.dumps(text)
