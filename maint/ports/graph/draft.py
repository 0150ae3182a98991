"""A first ``ports.yaml`` from what a scan found, for a person to complete."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from maint.ports.reading import DEFAULT_HOST
from maint.ports.scan.judge import Case, collide, is_sure, zone
from maint.ports.scan.owners import are_copies, is_copy, owner
from maint.ports.scan.site import Site
from maint.report.cells import printable

_DEFAULT_HOSTS = (DEFAULT_HOST, "localhost")
_HEAD = """\
# The registry of ports, from what maint ports scan found. Name the entries as people call the services,
# say what each is for, and read the numbers with: from maint.ports import get_port
version: 1
ports:
"""


def draft(case: Case) -> str:
    """The text of the file: one entry for each port that is bound, collisions and copies as comments."""
    fresh = case._replace(entries=None)
    groups: dict[tuple[int, str], list[Site]] = {}
    for site in case.sites:
        if site.role == "bind" and is_sure(site) and zone(site) and not site.name:
            groups.setdefault((site.port or 0, site.proto), []).append(site)
    taken: dict[str, int] = {}
    entries = [_entry(group, fresh, taken) for _, group in sorted(groups.items())]
    return _HEAD + ("".join(entries) or "  {}\n")


def _entry(group: list[Site], case: Case, taken: dict[str, int]) -> str:
    kept: list[Site] = []
    comments: dict[str, str] = {}
    for one in sorted(group, key=lambda each: (is_copy(each.path), each.path, each.line)):
        if any(collide(one, other, case) for other in kept):
            comments[one.place] = "collision"
        elif any(are_copies(one, other, case.texts) for other in kept if owner(other, ()) != owner(one, ())):
            comments[one.place] = "copy"
        else:
            kept.append(one)
    first = kept[0]
    lines = [f"  {_name(first, taken)}:"]
    lines += [f"    # {what}: bound in {printable(place)}, too" for place, what in sorted(comments.items())]
    lines.append(f"    port: {first.port}")
    lines.append(f"    owner: {_quoted(owner(first, ()))}")
    if first.proto != "tcp":
        lines.append(f"    proto: {first.proto}")
    if first.host not in _DEFAULT_HOSTS:
        lines.append(f"    host: {_quoted(first.host or '*')}")
    paths = sorted({one.path for one in kept})
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
