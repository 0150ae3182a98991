"""What a remapped test has to be told about its ports: ZMQ020 to ZMQ022, and PORT014."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from maint.findings import Finding, Location, Severity, fingerprint
from maint.report.cells import encodable, printable, shorten
from maint.rules.table import RULES

from .ledger import Entry

CODES = ("PORT014", "ZMQ020", "ZMQ021", "ZMQ022")
_SUBJECT_WIDTH = 120


class Verdict(NamedTuple):
    """``title`` says what fell short, the last of ``entries`` where; ``told`` joins what those say."""

    code: str
    title: str
    told: str
    entries: tuple[Entry, ...]


def judge(entries: Iterable[Entry]) -> list[Verdict]:
    """The verdicts over one test, by port; none where each was bound once and whatever connected was met."""
    by_port: dict[int, list[Entry]] = {}
    for entry in entries:
        by_port.setdefault(entry.port, []).append(entry)
    return [verdict for port in sorted(by_port) for verdict in _of_port(port, by_port[port])]


def finding(verdict: Verdict, node_id: str, root: Path) -> Finding:
    """The finding that ``verdict`` is for a test of the project at ``root``."""
    rule = RULES[verdict.code]
    node_id = encodable(node_id)
    subject = shorten(printable(node_id.rpartition("::")[2]), _SUBJECT_WIDTH)
    path, line = _site(verdict.entries[-1], root)
    told = verdict.told.format(*(_who(entry, root) for entry in verdict.entries))
    return Finding(
        code=verdict.code,
        severity=Severity(rule.severity),
        category="zmq",
        title=f"{subject}: {verdict.title}",
        message=f"{subject}: {told}; {verdict.code}",
        location=Location(path=path, line=line or None, node_id=node_id),
        remedy=rule.remedy,
        evidence={"sockets": [_plain(entry, root) for entry in verdict.entries]},
        fingerprint=fingerprint(verdict.code, node_id, f"{verdict.code} {verdict.entries[-1].port} {path}"),
    )


def _of_port(port: int, entries: list[Entry]) -> Iterator[Verdict]:
    bound: list[Entry] = []
    retried = {entry.socket for entry in entries if entry.kind == "retried"}
    for entry in entries:
        if entry.kind == "bind":
            bound.append(entry)
        elif entry.kind == "refused" and entry.socket not in retried and bound:
            told = f"port {port} is bound by {{}}, and again by {{}}"
            yield Verdict("PORT014", f"port {port} bound twice", told, (bound[-1], entry))
        elif entry.kind == "crossed":
            told = f"port {port} is out of the reach of {{}}, in another context or process than its peer"
            yield Verdict("ZMQ020", f"port {port} out of the reach of inproc", told, (entry,))
        elif entry.kind == "remote":
            told = f"{_braced(entry.endpoint)} is not this machine, connected by {{}}"
            yield Verdict("ZMQ022", f"{entry.endpoint} is not this machine", told, (entry,))
    connects = {entry.place: entry for entry in entries if entry.kind == "connect"}
    if connects and not bound and not any(entry.kind == "crossed" for entry in entries):
        told = f"port {port} is bound by nobody, connected by {' and '.join('{}' for _ in connects)}"
        yield Verdict("ZMQ021", f"port {port} bound by nobody", told, tuple(connects.values()))


def _who(entry: Entry, root: Path) -> str:
    path, line = _site(entry, root)
    return f"{entry.type} at {path}:{line} (process {entry.pid})"


def _site(entry: Entry, root: Path) -> tuple[str, int]:
    name, _, line = entry.place.rpartition(":")
    path = Path(name)
    return printable((path.relative_to(root) if path.is_relative_to(root) else path).as_posix()), int(line)


def _plain(entry: Entry, root: Path) -> dict[str, Any]:
    path, line = _site(entry, root)
    return {"type": entry.type, "endpoint": encodable(entry.endpoint), "path": path, "line": line}


def _braced(text: str) -> str:
    return printable(text).replace("{", "{{").replace("}", "}}")
