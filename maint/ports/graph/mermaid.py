"""The topology as a Mermaid flow chart, which GitHub draws in Markdown."""

from __future__ import annotations

from maint.ports.graph.topology import Link, Port, Topology
from maint.report.cells import printable


def mermaid(found: Topology) -> str:
    """A flow chart from who connects, by the port, to who binds; collisions are thick and red."""
    ids: dict[str, str] = {}
    lines = ["flowchart LR"]
    for index, port in enumerate(found.ports):
        lines += _port(port, f"p{index}", ids)
    lines += [f'  {name}["{_text(owner)}"]' for owner, name in ids.items()]
    lines += [
        "  classDef collision stroke:#b3261e,stroke-width:3px",
        "  classDef unbound stroke-dasharray:4 3",
    ]
    return "\n".join(lines) + "\n"


def _port(port: Port, name: str, ids: dict[str, str]) -> list[str]:
    title = _text(port.title + (f" {port.fault}" if port.fault else ""))
    lines = [f'  {name}(["{title}"])']
    lines += [f"  {_id(link, ids)} {_arrow(link, 'connects')} {name}" for link in port.connects]
    lines += [f"  {name} {_arrow(link, 'binds')} {_id(link, ids)}" for link in port.binds]
    if port.fault:
        lines.append(f"  class {name} collision")
    elif port.is_unbound:
        lines.append(f"  class {name} unbound")
    return lines


def _arrow(link: Link, verb: str) -> str:
    label = f"{link.socket} {verb}".strip()
    head = ">" if link.role == "connect" else "-"
    return f"--{head}|{label}|" if link.is_sure else f"-.-{head if head == '>' else ''}|{label}|"


def _id(link: Link, ids: dict[str, str]) -> str:
    return ids.setdefault(link.owner, f"o{len(ids)}")


def _text(text: str) -> str:
    """Text inside of quotes: what Mermaid would read as markup becomes an entity."""
    special = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;", "&": "#amp;"}
    return "".join(special.get(char, char) for char in printable(text))
