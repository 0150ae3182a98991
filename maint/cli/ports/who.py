"""``maint ports who``: who has a port."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from maint.cli.main import CLEAN
from maint.ports.holder import holders
from maint.ports.lookup import PortError, resolve
from maint.ports.ranges import parse
from maint.ports.registry import PROTOS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

SCHEMA = "maint.ports.who/1"


def who(arguments: argparse.Namespace) -> int:
    """Print everyone who is in the way on a port; exit 0 either way, since asking is no judgement."""
    port, proto = _meant(arguments.port)
    protos: Sequence[str] = (arguments.proto,) if arguments.proto else (proto,) if proto else PROTOS
    found = [(name, one) for name in protos for one in holders(port, name)]
    if arguments.format == "json":
        listed = [{"proto": name, **one._asdict()} for name, one in found]
        print(json.dumps({"schema": SCHEMA, "port": port, "holders": listed}, indent=2))
        return CLEAN
    for name, one in found:
        print(f"{name} {port}: {one}")
    if not found:
        print(f"{port}: nobody has it, as far as can be seen from here")
    return CLEAN


def _meant(raw: str) -> tuple[int, str | None]:
    """The port of a number or a registered name, and the protocol of the name."""
    if raw.isdecimal():
        try:
            return parse(raw)[0], None
        except ValueError as error:
            raise PortError(f"{raw}: {error}") from None
    found = resolve(raw)
    return found.ports[0], found.proto
