"""What the guard says: ZMQ001 to ZMQ010 of the rules table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from maint.findings import Finding, Location, Severity, fingerprint
from maint.report.cells import encodable, printable, shorten
from maint.rules.table import RULES
from pytest_maint.zmq.watch.records import ContextRecord, Site, SocketRecord, internal

from .wording import detail, holding, named, place, relative, stacks

_SUBJECT_WIDTH = 120


def leaks(
    node_id: str, sockets: Iterable[SocketRecord], contexts: Iterable[ContextRecord], root: Path, by: str = ""
) -> list[Finding]:
    """ZMQ001 for every socket that was not closed, and every context whose sockets all were.

    ``by`` says who had to close them when that was not the test itself: ``fixture 'broker'``.
    """
    left = [each for each in sockets if _leaked(each)]
    found = [_leaked_socket(node_id, each, root, by) for each in left]
    told = {id(each.context) for each in left}
    for context in contexts:
        if id(context) not in told and _unended(context):
            found.append(_leaked_context(node_id, context, root, by))
    return found


def stuck(node_id: str, record: ContextRecord, root: Path) -> Finding:
    """ZMQ002: a context that did not terminate."""
    happened = f"context of {place(record.created, root)} does not terminate, held by {holding(record, root)}"
    evidence = {"holders": [_plain(each, root) for each in record.holders], "stacks": stacks(root)}
    return _finding(
        "ZMQ002", node_id, record.created, root, "a context does not terminate", happened, evidence
    )


def undelivered(node_id: str, records: Sequence[SocketRecord], root: Path) -> Finding:
    """ZMQ002: it ended only since the guard limits how long closed sockets linger; without, it may never."""
    held = ", ".join(f"{named(each, root)} ({detail(each, root)})" for each in records)
    created = records[0].context.created
    happened = f"context of {place(created, root)} waited for messages that nobody took, of {held}"
    evidence = {"holders": [_plain(each, root) for each in records]}
    return _finding("ZMQ002", node_id, created, root, "a context waits for messages", happened, evidence)


def closed_in_use(node_id: str, record: SocketRecord, root: Path) -> Finding:
    """ZMQ003: closed by this thread while another was inside of it."""
    happened = f"{named(record, root)} was closed by another thread ({detail(record, root)})"
    evidence = _plain(record, root) | {"stacks": stacks(root)}
    return _finding(
        "ZMQ003", node_id, record.created, root, f"{record.type} closed while in use", happened, evidence
    )


def waited(node_id: str, record: SocketRecord, verb: str, told: str, root: Path) -> Finding:
    """ZMQ010: ``told`` is who waited for whom."""
    happened = "; ".join(line.strip().removeprefix("zmq: ") for line in told.splitlines())
    title = f"{record.type} waited to {verb}"
    return _finding("ZMQ010", node_id, record.created, root, title, happened, _plain(record, root))


def _leaked(record: SocketRecord) -> bool:
    if record.fixture or internal(record.created):
        return False
    return record.collected or record.swept or (not record.closed and not record.deferred)


def _unended(record: ContextRecord) -> bool:
    if record.fixture or not record.known or record.abandoned or internal(record.created):
        return False
    context = record.reference()
    # The one of Context.instance() is meant to live as long as the process.
    if context is not None and type(context)._instance is context:
        return False
    return record.collected or not record.terminated


def _leaked_socket(node_id: str, record: SocketRecord, root: Path, by: str) -> Finding:
    how = "was closed by the garbage collector alone" if record.collected else "was not closed"
    happened = f"{named(record, root)} {how}{by and f' by {by}'} ({detail(record, root)})"
    evidence = _plain(record, root)
    return _finding("ZMQ001", node_id, record.created, root, f"{record.type} not closed", happened, evidence)


def _leaked_context(node_id: str, record: ContextRecord, root: Path, by: str) -> Finding:
    how = "was ended by the garbage collector alone" if record.collected else "was not terminated"
    happened = f"context of {place(record.created, root)} {how}{by and f' by {by}'}"
    return _finding("ZMQ001", node_id, record.created, root, "context not terminated", happened, {})


def _plain(record: SocketRecord, root: Path) -> dict[str, Any]:
    thread = record.elsewhere
    told = {
        "type": record.type,
        "created": place(record.created, root),
        "bound": list(map(encodable, record.bound)),
        "connected": list(map(encodable, record.connected)),
        "sent": record.sent,
        "thread": encodable(thread.name) if thread else "",
    }
    return {name: value for name, value in told.items() if value}


def _finding(
    code: str, node_id: str, site: Site, root: Path, title: str, happened: str, evidence: dict[str, Any]
) -> Finding:
    rule = RULES[code]
    node_id = encodable(node_id)
    subject = shorten(printable(node_id.rpartition("::")[2] or node_id or "the session"), _SUBJECT_WIDTH)
    path = encodable(relative(site, root))
    return Finding(
        code=code,
        severity=Severity(rule.severity),
        category="zmq",
        title=f"{subject}: {title}",
        message=f"{subject}: {happened}; {code}",
        location=Location(path=path, line=site.line or None, node_id=node_id or None),
        remedy=rule.remedy,
        evidence=evidence,
        fingerprint=fingerprint(code, node_id, f"{title} {path} {site.function}"),
    )
