"""The nodes that a YAML parser composes: mappings, sequences and plain values, with their lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Node = Any  # yaml.Node: the package is an extra, and imported late


def mapping(node: Node) -> dict[str, Node]:
    """Key -> node of a mapping, with what ``<<`` merges into it; empty for another kind of node."""
    found: dict[str, Node] = {}
    if getattr(node, "id", "") != "mapping":
        return found
    for key, value in node.value:
        if key.value == "<<" and key.id == "scalar":
            for one in (value, *sequence(value)):
                if one is not node:
                    found = {**mapping(one), **found}
    found |= {key.value: value for key, value in node.value if key.id == "scalar" and key.value != "<<"}
    return found


def sequence(node: Node) -> list[Node]:
    """The items of a sequence; empty for another kind of node."""
    return list(node.value) if getattr(node, "id", "") == "sequence" else []


def plain(node: Node) -> str | None:
    """The text of a plain value; None for another kind of node."""
    return str(node.value) if getattr(node, "id", "") == "scalar" else None


def line(node: Node) -> int:
    """Where a node begins, from 1."""
    return int(node.start_mark.line) + 1


def walk(node: Node, depth: int = 0) -> Iterator[tuple[dict[str, Node], Node]]:
    """Every mapping below a node."""
    if depth > 30:
        return
    pairs = mapping(node)
    if pairs:
        yield pairs, node
    for value in (*pairs.values(), *sequence(node)):
        yield from walk(value, depth + 1)
