"""``maint.ports.scan/1``: sites, findings and what was not read, as ``--format json`` prints them."""

from __future__ import annotations

import msgspec

from maint.findings import Finding
from maint.ports.scan.run import Scan
from maint.ports.scan.site import Site

SCHEMA = "maint.ports.scan/1"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One bind or connect. ``port`` is null where only the running program knows it: see ``expression``.

    ``host`` is null where it is not known and ``*`` for every address; ``confidence`` is high for a literal
    or constant, medium for a default that something may replace, low for one of several candidates.
    ``socket`` is the ZeroMQ type, ``name`` the registered name, ``owner`` what the file calls the service,
    ``kind`` what binds: zmq, socket, asyncio, http, compose, container, setting and so on.
    """

    role: str
    proto: str
    host: str | None
    port: int | None
    expression: str
    path: str
    line: int
    confidence: str
    kind: str
    socket: str = ""
    name: str = ""
    owner: str = ""


class Unread(msgspec.Struct, frozen=True):
    """A file that was not read, or not as what it is, and why."""

    path: str
    reason: str


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """The whole document."""

    sites: tuple[Place, ...]
    findings: tuple[Finding, ...]
    skipped: tuple[Unread, ...]
    schema: str = SCHEMA


def inventory(scan: Scan, found: tuple[Finding, ...]) -> Inventory:
    """A scan as a document."""
    return Inventory(
        sites=tuple(map(_place, scan.sites)),
        findings=found,
        skipped=tuple(Unread(one.path, one.reason) for one in scan.skipped),
    )


def _place(site: Site) -> Place:
    return Place(**{name: getattr(site, name) for name in Place.__struct_fields__})
