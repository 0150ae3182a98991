"""What a test may bind: what it leased, what is registered to it, and what nobody minds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from maint.ports.ranges import parse
from maint.ports.wording import suggestion

from .binds import Bind
from .ownership import Ownership

# Debuggers, which open a port of their own in a test, and those who try ports out in search of a free one.
_TOOLS = (
    *("celery.contrib.rdb", "debugpy", "pydevd", "remote_pdb", "rpdb", "web_pdb"),
    *("ephemeral_port_reserve", "port_for", "portpicker"),
)


class Ignored(NamedTuple):
    """What ``ignore`` names: modules whose binds, and ports whose use, are nobody's business."""

    modules: tuple[str, ...]
    ports: tuple[range, ...]

    @classmethod
    def of(cls, written: Iterable[str]) -> Ignored:
        """Ports such as ``5678`` and ``9000-9010``, and modules; ValueError for what is neither."""
        modules, ports = [], []
        for one in written:
            if one[:1].isdigit():
                ports.append(parse(one))
            elif all(part.isidentifier() for part in one.split(".")):
                modules.append(one)
            else:
                raise ValueError(f"{one!r}: expected a port, a range such as '9000-9010', or a module")
        return cls((*_TOOLS, *modules), tuple(ports))

    def covers(self, bind: Bind) -> bool:
        """Whether nothing is to be said of this bind."""
        return self.has(bind.port) or any(self._is_of(name) for name in bind.modules)

    def has(self, port: int) -> bool:
        """Whether nothing is to be said of this port."""
        return any(port in ports for ports in self.ports)

    def _is_of(self, name: str) -> bool:
        return any(name == module or name.startswith(f"{module}.") for module in self.modules)


class Port(NamedTuple):
    """One port of one protocol; sorts by number, which is the order that locks are taken in."""

    number: int
    proto: str

    def __str__(self) -> str:
        return f"{self.proto} {self.number}"


def marked(arguments: Sequence[object], proto: object, owners: Ownership) -> frozenset[Port]:
    """The ports of ``binds(*arguments, proto=…)``; ValueError with the reason where there are none."""
    if proto not in (None, "tcp", "udp"):
        raise ValueError(f"proto={proto!r}: expected 'tcp' or 'udp'")
    if not arguments:
        raise ValueError("expected names or numbers of ports")
    return frozenset(port for one in arguments for port in _ports(one, proto, owners))


def _ports(one: object, proto: object, owners: Ownership) -> Iterable[Port]:
    entry = owners.named(one) if isinstance(one, str) else None
    if entry is not None:
        return [Port(number, str(proto or entry.proto)) for number in entry.ports]
    if isinstance(one, str) and not one[:1].isdigit():
        raise ValueError(f"no port {one!r}; {_suggestion(one, owners.names)}")
    numbers = parse(one)
    known = owners.entry(numbers[0], "udp")
    default = "udp" if known is not None and owners.entry(numbers[0], "tcp") is None else "tcp"
    return [Port(number, str(proto or default)) for number in numbers]


def _suggestion(name: str, known: Sequence[str]) -> str:
    return suggestion(name, known) if known else "there is no registry: write ports.yaml, or give a number"
