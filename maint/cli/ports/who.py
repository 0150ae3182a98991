"""``maint ports who``: who has a port."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from maint.cli.main import CLEAN
from maint.ports.holder import holders
from maint.ports.lookup import PortError, resolve
from maint.ports.ranges import parse, shown
from maint.ports.registry import PROTOS
from maint.report.cells import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

SCHEMA = "maint.ports.who/1"
_MOST = 256


def who(arguments: argparse.Namespace) -> int:
    """Print everyone who is in the way on a port; exit 0 either way, since asking is no judgement."""
    ports, proto = _meant(arguments.port)
    protos: Sequence[str] = (arguments.proto,) if arguments.proto else (proto,) if proto else PROTOS
    found = [(name, port, one) for port in ports for name in protos for one in holders(port, name)]
    if arguments.format == "json":
        listed = [{"proto": name, "port": port, **one._asdict()} for name, port, one in found]
        print(json.dumps({"schema": SCHEMA, "port": ports[0], "holders": listed}, indent=2))
        return CLEAN
    for name, port, one in found:
        print(f"{name} {port}: {one}")
    if not found:
        print(f"{shown(ports)}: nobody has it, as far as can be seen from here")
    return CLEAN


def _meant(raw: str) -> tuple[range, str | None]:
    """The ports of a number, a range or a registered name, and the protocol of the name."""
    if raw[:1].isalpha():
        found = resolve(raw)
        return found.ports, found.proto
    try:
        ports = parse(raw)
    except ValueError as error:
        raise PortError(f"{printable(raw)}: {error}") from None
    if len(ports) > _MOST:
        raise PortError(f"{raw}: {len(ports):,} ports; ask for at most {_MOST} at a time")
    return ports, None
