"""Kubernetes manifests: ports of containers, of services, of nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from maint.ports.scan import keys
from maint.ports.scan.expression import Pair, Text
from maint.ports.scan.forms import BIND
from maint.ports.scan.nodes import Node, line, mapping, plain, sequence, walk
from maint.ports.scan.site import Draft

# key -> whether the port is one of the node rather than of the pod or service
_KEYS = {"containerPort": False, "port": False, "hostPort": True, "nodePort": True}


def is_manifest(top: Mapping[str, Node]) -> bool:
    """Whether a document is a manifest."""
    return {"apiVersion", "kind"} <= top.keys()


def drafts(document: Node, place: str) -> Iterator[Draft]:
    """The ports of a manifest; ``place`` tells this document from others."""
    top = mapping(document)
    owner = plain(mapping(top.get("metadata")).get("name")) or ""
    kind = plain(top.get("kind")) or ""
    for pairs, _ in walk(top.get("spec")):
        container = plain(pairs.get("name")) or ""
        for item in sequence(pairs.get("ports")):
            yield from _ports(mapping(item), kind, owner, f"{place} {container}")
    for pairs, _ in walk(document):
        if "items" in pairs and kind == "List":
            for item in sequence(pairs["items"]):
                yield from drafts(item, f"{place}.{line(item)}")
            return


def _ports(pairs: Mapping[str, Node], kind: str, owner: str, machine: str) -> Iterator[Draft]:
    proto = (plain(pairs.get("protocol")) or "TCP").lower()
    for key, is_of_node in _KEYS.items():
        if key not in pairs or (key == "port" and kind != "Service"):
            continue
        found = keys.number(plain(pairs[key]))
        if found is None or proto not in ("tcp", "udp"):
            continue
        yield keys.draft(
            BIND,
            "kubernetes" if is_of_node else "container",
            line(pairs[key]),
            Pair(Text("*"), found[0]),
            f"{key}: {plain(pairs[key])}",
            proto=proto,
            owner=owner,
            machine="" if is_of_node else machine,
        )
