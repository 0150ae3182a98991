"""The topology in DOT, the language of Graphviz."""

from __future__ import annotations

from maint.ports.graph.topology import Topology
from maint.report.cells import printable


def dot(found: Topology) -> str:
    """A directed graph from who connects, by the port, to who binds; collisions are red."""
    lines = ["digraph ports {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];']
    for port in found.ports:
        name = _quoted(f"{port.proto} {port.number}")
        shape = (
            "color=red, penwidth=3" if port.fault else "style=dashed" if port.is_unbound else "style=solid"
        )
        label = port.title + (f" {port.fault}" if port.fault else "")
        lines.append(f"  {name} [shape=ellipse, label={_quoted(label)}, {shape}];")
        for link in port.connects:
            lines.append(
                f"  {_quoted(link.owner)} -> {name} [{_label(link.socket, 'connects', link.is_sure)}];"
            )
        for link in port.binds:
            style = _label(link.socket, "binds", link.is_sure)
            lines.append(f"  {name} -> {_quoted(link.owner)} [{style}, arrowhead=none];")
    return "\n".join([*lines, "}"]) + "\n"


def _label(socket: str, verb: str, is_sure: bool) -> str:
    return f"label={_quoted(f'{socket} {verb}'.strip())}" + ("" if is_sure else ", style=dashed")


def _quoted(text: str) -> str:
    escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
