"""docker-compose files: published ports are the machine's, exposed ones the container's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from maint.ports.scan import keys
from maint.ports.scan.expression import UNKNOWN, Expression, Number, Pair, Text
from maint.ports.scan.forms import BIND
from maint.ports.scan.nodes import Node, line, mapping, plain, sequence
from maint.ports.scan.site import Draft

_SHORT = re.compile(
    r"(?:(?P<ip>\[[^\]]+\]|\d+(?:\.\d+){3}|\$\{[^}]+\}(?=:.*:)):)?(?:(?P<host>\$\{[^}]+\}|\$\w+|[\d-]*):)?"
    r"(?P<container>\$\{[^}]+\}|\$\w+|[\d-]+)(?:/(?P<proto>tcp|udp))?"
)
_WIDEST = 64


def is_compose(top: Mapping[str, Node], path: str) -> bool:
    """Whether a document lists services as compose does."""
    services = mapping(top.get("services"))
    name = PurePosixPath(path).name
    return bool(services) and (
        "compose" in name or any({"image", "build"} & mapping(one).keys() for one in services.values())
    )


def drafts(top: Mapping[str, Node], path: str) -> Iterator[Draft]:
    """What the services of a document publish and expose."""
    for service, node in mapping(top["services"]).items():
        pairs = mapping(node)
        for item in sequence(pairs.get("ports")):
            yield from _published(item, service)
        for item in sequence(pairs.get("expose")):
            text = (plain(item) or "").partition("/")[0]
            if (found := keys.number(text)) is not None:
                where = Pair(Text("*"), found[0])
                machine = f"{path}#{service}"
                yield keys.draft(
                    BIND, "container", line(item), where, f"expose: {text}", owner=service, machine=machine
                )


def _published(item: Node, service: str) -> Iterator[Draft]:
    pairs = mapping(item)
    if pairs:
        text = plain(pairs.get("published")) or ""
        host = plain(pairs.get("host_ip")) or "*"
        proto = plain(pairs.get("protocol")) or "tcp"
        where = pairs.get("published", item)
    else:
        text = plain(item) or ""
        match = _SHORT.fullmatch(text)
        where, host, proto = item, "*", "tcp"
        if match is not None:
            host, proto = (match["ip"] or "*").strip("[]"), match["proto"] or "tcp"
            text = match["host"] or ""
    for port in _ports(text) if text else ():
        address = Pair(Text("*" if host.startswith("$") else host), port)
        yield keys.draft(
            BIND,
            "compose",
            line(where),
            address,
            plain(item) or f"published: {text}",
            proto=proto,
            owner=service,
        )


def _ports(text: str) -> list[Expression]:
    if re.fullmatch(r"\d+-\d+", text):
        first, last = map(int, text.split("-"))
        return [Number(one) for one in range(first, min(last, first + _WIDEST) + 1) if one < 65536]
    found = keys.number(text)
    return [found[0] if found else UNKNOWN]
