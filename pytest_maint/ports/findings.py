"""What the guard says: PORT010 to PORT014 of the rules table."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from maint.findings import Finding, Location, Severity, fingerprint
from maint.ports.listeners import Listener
from maint.ports.registry import Entry
from maint.report.cells import encodable, printable, shorten
from maint.rules.table import RULES

from .binds import Bind
from .ownership import Ownership
from .site import Site

CODES = ("PORT010", "PORT011", "PORT012", "PORT013", "PORT014")
_SUBJECT_WIDTH = 120


class Place(NamedTuple):
    """Whose findings these are: a test, the root of the project, and the fixture that is at work, if any."""

    node_id: str
    root: Path
    fixture: str = ""


def foreign(place: Place, bind: Bind, entry: Entry | None, owners: Ownership, leased: str) -> Finding:
    """PORT010; ``leased`` says who leased or claimed the port."""
    if entry is not None:
        whose = f"owned by {printable(entry.owner or entry.name)!r} ({owners.place(entry)})"
        remedy = f"take a free one with port_lease(), or mark the test with binds({entry.name!r})"
    elif leased:
        whose, remedy = f"leased to {leased}", "take one of its own with port_lease()"
    else:
        whose = "neither leased nor registered to it"
        remedy = f"take a free one with port_lease(), or mark the test with binds({bind.port})"
    happened = f"binds {address(bind.host, bind.port, bind.proto)}, {whose}, at {_at(place, bind)}"
    title = f"binds {bind.proto} port {bind.port}"
    return _finding("PORT010", place, bind.site, title, happened, remedy, _plain(bind, place))


def left_behind(place: Place, listener: Listener, maker: str, site: Site | None) -> Finding:
    """PORT011; ``maker`` says what opened it, ``site`` where, as far as that was seen."""
    where = address(listener.host, listener.port, listener.proto)
    subject = f"fixture {place.fixture!r} " if place.fixture else ""
    verb = "listening" if listener.proto == "tcp" else "bound"
    happened = f"{subject}left {where} {verb} ({maker})"
    evidence = {"host": listener.host, "port": listener.port, "proto": listener.proto, "maker": maker}
    title = f"{subject}left a {listener.proto} listener"
    return _finding("PORT011", place, site, title, happened, "", evidence)


def in_use(place: Place, bind: Bind, holders: list[str]) -> Finding:
    """PORT012; ``holders`` is a sentence each."""
    where = address(bind.host, bind.port, bind.proto)
    by = holders[0] if holders else "somebody who is gone by now"
    title = f"{bind.proto} port {bind.port} is in use"
    happened = f"cannot bind {where}, in use by {by}"
    return _finding("PORT012", place, bind.site, title, happened, "", _plain(bind, place) | {"by": holders})


def shared(place: Place, bind: Bind, entry: Entry, owners: Ownership) -> Finding:
    """PORT013."""
    where = address(bind.host, bind.port, bind.proto)
    whose = f"owned by {printable(entry.owner or entry.name)!r} ({owners.place(entry)})"
    happened = f"binds {where}, {whose}, with {bind.shares}, at {_at(place, bind)}"
    title = f"shares {bind.proto} port {bind.port}"
    return _finding("PORT013", place, bind.site, title, happened, "", _plain(bind, place))


def bound_twice(place: Place, bind: Bind, others: list[str]) -> Finding:
    """PORT014; ``others`` is a sentence each, of who has the port already."""
    where = address(bind.host, bind.port, bind.proto)
    happened = f"binds {where} at {_at(place, bind)}, beside {others[0]}"
    title = f"{bind.proto} port {bind.port} bound twice"
    return _finding("PORT014", place, bind.site, title, happened, "", _plain(bind, place) | {"by": others})


def address(host: str, port: int, proto: str) -> str:
    """``0.0.0.0:5556``, ``udp [::]:9000``."""
    shown = printable(host) or "0.0.0.0"
    shown = f"[{shown}]" if ":" in shown else shown
    return f"{'udp ' * (proto == 'udp')}{shown}:{port}"


def _at(place: Place, bind: Bind) -> str:
    return printable(bind.site.shown(place.root))


def _plain(bind: Bind, place: Place) -> dict[str, Any]:
    return {
        "host": encodable(bind.host),
        "port": bind.port,
        "proto": bind.proto,
        "socket": encodable(bind.what),
        "at": encodable(bind.site.shown(place.root)),
    }


def _finding(
    code: str,
    place: Place,
    site: Site | None,
    title: str,
    happened: str,
    remedy: str,
    evidence: dict[str, Any],
) -> Finding:
    rule = RULES[code]
    node_id = encodable(place.node_id)
    subject = shorten(printable(node_id.rpartition("::")[2] or "the session"), _SUBJECT_WIDTH)
    path = encodable(site.relative(place.root)) if site is not None else node_id.partition("::")[0]
    remedy = remedy or rule.remedy
    return Finding(
        code=code,
        severity=Severity(rule.severity),
        category="ports",
        title=f"{subject}: {title}",
        message=f"{subject}: {happened}; {remedy}; {code}",
        location=Location(path=path or None, line=site and site.line, node_id=node_id or None),
        remedy=remedy,
        evidence=evidence,
        fingerprint=fingerprint(code, node_id, f"{_spelled(title)} {path} {site.function if site else ''}"),
    )


def _spelled(title: str) -> str:
    """Letters for digits: of a fixed port the number is the cause, and numbers are masked in a cause."""
    return title.translate(str.maketrans("0123456789", "abcdefghij"))
