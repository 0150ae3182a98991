"""Who binds and who connects, port by port: what every picture of it is drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from maint.ports.registry import Entry
from maint.ports.scan.judge import Fault, shown, zone
from maint.ports.scan.owners import owner
from maint.ports.scan.site import Site


class Link(NamedTuple):
    """One owner at one port; ``socket`` is its ZeroMQ type, ``is_sure`` that the port is no guess."""

    owner: str
    role: str
    socket: str
    place: str
    is_sure: bool


class Port(NamedTuple):
    """One port and everybody at it; ``fault`` is the code of its collision, ``""`` without one."""

    proto: str
    number: int
    name: str
    binds: tuple[Link, ...]
    connects: tuple[Link, ...]
    fault: str

    @property
    def title(self) -> str:
        """``tcp 5556``, with the registered name."""
        return f"{self.proto} {self.number}" + (f" {self.name}" if self.name else "")

    @property
    def is_unbound(self) -> bool:
        return not self.binds


class Topology(NamedTuple):
    """``ports`` by number; ``unknown`` are the sites whose port only the running program knows."""

    ports: tuple[Port, ...]
    unknown: tuple[str, ...]


def topology(sites: Iterable[Site], faults: Iterable[Fault], entries: Sequence[Entry] = ()) -> Topology:
    """The topology of a scan; settings and exposed ports of containers are nobody's sockets."""
    wanted = [one for one in sites if zone(one)]
    marked = {
        (one.identity[0], one.identity[1]): one.code
        for one in sorted(faults, reverse=True)
        if one.code in ("PORT001", "PORT009")
    }
    known: dict[tuple[str, int], list[Site]] = {}
    for site in wanted:
        if site.port is not None:
            known.setdefault((site.proto, site.port), []).append(site)
    ports = []
    for (proto, number), group in sorted(known.items(), key=lambda item: (item[0][1], item[0][0])):
        name = next((one.name for one in entries if one.proto == proto and number in one.ports), "")
        ports.append(
            Port(
                proto,
                number,
                name,
                _links(group, "bind", entries),
                _links(group, "connect", entries),
                marked.get((proto, str(number)), ""),
            )
        )
    unknown = tuple(f"{one.place}: {one.role} {shown(one)}" for one in wanted if one.port is None)
    return Topology(tuple(ports), unknown)


def _links(group: Iterable[Site], role: str, entries: Sequence[Entry]) -> tuple[Link, ...]:
    """One link an owner and socket type, at the first place it is seen."""
    found: dict[tuple[str, str], Link] = {}
    for site in sorted(group, key=lambda one: (one.path, one.line)):
        if site.role == role:
            who = owner(site, entries)
            link = Link(who, role, site.socket, site.place, site.confidence != "low")
            found.setdefault((who, site.socket), link)
    return tuple(found.values())
