"""What entries of a registry do to each other: one port twice on one machine, in one set or across sets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from maint.ports.hosts import hosts_overlap
from maint.ports.located import Problem
from maint.ports.ranges import HIGHEST, overlap, shifted, shown
from maint.ports.registry import Entry, Machine, Registry


class _Placed(NamedTuple):
    """An entry where a set puts it."""

    ports: range
    entry: Entry
    set_name: str


def problems(registry: Registry) -> Iterator[Problem]:
    """One sentence for each pair of entries that collide, and for each entry outside of what is allowed.

    Sets are taken to run side by side on one machine, which is what their offsets are for.
    """
    seen: set[tuple[str, str]] = set()
    for machine in (None, *registry.machines.values()):
        placed = sorted(_placed(registry, machine), key=lambda one: (one.ports.start, one.entry.line))
        for one, other in _collisions(placed):
            pair = (one.entry.name, other.entry.name)
            if pair not in seen:
                seen.add(pair)
                yield _collision(one, other, machine)
        for one in placed:
            yield from _misplaced(one, machine, seen)


def _placed(registry: Registry, machine: Machine | None) -> Iterator[_Placed]:
    name = machine.name if machine else None
    offsets = {0: "", **{offset: set_name for set_name, offset in reversed(tuple(registry.sets.items()))}}
    for entry in registry.entries.values():
        if entry.machine in (None, name):
            for offset, set_name in offsets.items():
                yield _Placed(shifted(registry.written(entry, name), offset), entry, set_name)


def _collisions(placed: list[_Placed]) -> Iterator[tuple[_Placed, _Placed]]:
    """Pairs in the order of the file; ``placed`` is in the order of its first ports."""
    open_: list[_Placed] = []
    for one in placed:
        open_ = [other for other in open_ if other.ports.stop > one.ports.start]
        for other in open_:
            if one.entry.proto == other.entry.proto and hosts_overlap(one.entry.host, other.entry.host):
                first, second = sorted((one, other), key=lambda each: each.entry.line)
                yield first, second
        open_.append(one)


def _collision(one: _Placed, other: _Placed, machine: Machine | None) -> Problem:
    shared = shown(overlap(one.ports, other.ports))
    where = f" on machine {machine.name}" if machine else ""
    names = f"{other.entry.name} and {one.entry.name} (line {one.entry.line})"
    if one.set_name != other.set_name:
        names = f"{_in_set(other)} and {_in_set(one)} (line {one.entry.line})"
        remedy = "choose offsets that are further apart"
    else:
        remedy = "give one of them another port, host or machine"
    said = f"{names} both take {other.entry.proto} {shared}{where}; {remedy}"
    return Problem(other.entry.line, said)


def _in_set(one: _Placed) -> str:
    return f"{one.entry.name} in the set {one.set_name}" if one.set_name else one.entry.name


def _misplaced(one: _Placed, machine: Machine | None, seen: set[tuple[str, str]]) -> Iterator[Problem]:
    line, name = one.entry.line, _in_set(one)
    if one.ports.stop - 1 > HIGHEST and (one.entry.name, "") not in seen:
        seen.add((one.entry.name, ""))
        yield Problem(line, f"{name}: {shown(one.ports)} is over {HIGHEST}; choose a lower offset")
    if machine is None:
        return
    for reserved in machine.reserved:
        if shared := overlap(one.ports, reserved):
            where = f"reserved on machine {machine.name} (line {machine.line})"
            yield Problem(line, f"{name}: {shown(shared)} is {where}; choose another port")
