"""Checklist items: one a finding, and one for all test failures of the same cause."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from operator import attrgetter

import msgspec

from maint.findings import Finding, Location, Severity
from maint.issues.cause import Cause, cause_of
from maint.report.cells import encodable

SEVERITIES = {severity: rank for rank, severity in enumerate(Severity)}
# What other tools call a fingerprint may be any text; ours stand in comments of a body.
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")


class Item(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of a checklist.

    ``members`` are the places (node ids, else paths) of the findings behind it, sorted; more than one only
    where ``cause`` is set: then ``location`` is the frame that raised. The rest is the first member's.
    """

    fingerprint: str
    code: str
    severity: Severity
    category: str
    title: str
    location: Location
    remedy: str
    members: tuple[str, ...]
    cause: Cause | None = None

    @property
    def digest(self) -> str:
        """Changes when the severity or the members do; 8 hex digits."""
        return _hexadecimal(self.severity, *self.members)[:8]

    @property
    def place(self) -> str:
        """Where a reader looks: the file and line, else the node id."""
        line = f":{self.location.line}" if self.location.line else ""
        return f"{self.path}{line}" if self.path else self.location.place

    @property
    def path(self) -> str:
        """The file it is about, or an empty string."""
        return self.location.path or ""


def items_of(findings: Iterable[Finding]) -> list[Item]:
    """One item a finding, except for failures of one cause and code, which share one.

    A fingerprint that occurs twice (one finding in several files) counts once. Most severe first, then by
    size, code, path and fingerprint: the same findings in any order give the same list.
    """
    by_fingerprint: dict[str, Finding] = {}
    for finding in findings:
        by_fingerprint.setdefault(finding.fingerprint, finding)
    alone: list[Item] = []
    shared: dict[tuple[str, Cause], list[Finding]] = {}
    for finding in by_fingerprint.values():
        cause = cause_of(finding)
        if cause is None:
            alone.append(_item(finding.fingerprint, [finding], None))
        else:
            shared.setdefault((finding.code, cause), []).append(finding)
    causes = (_item(_hexadecimal(code, *cause), same, cause) for (code, cause), same in shared.items())
    return sorted([*alone, *causes], key=order)


def order(item: Item) -> tuple[int, int, str, str, int, str]:
    """Most severe first, then the most members; the rest makes the order total."""
    line = item.location.line or 0
    return (SEVERITIES[item.severity], -len(item.members), item.code, item.path, line, item.fingerprint)


def _item(fingerprint: str, findings: Sequence[Finding], cause: Cause | None) -> Item:
    first = min(findings, key=_member_order) if len(findings) > 1 else findings[0]
    return Item(
        fingerprint=fingerprint if _FINGERPRINT.fullmatch(fingerprint) else _hexadecimal(fingerprint),
        code=encodable(first.code),
        severity=min((finding.severity for finding in findings), key=SEVERITIES.__getitem__),
        category=first.category,
        title=first.title if cause is None else _cause_title(first, cause),
        location=first.location if cause is None else _crash(first, cause),
        remedy=first.remedy,
        members=tuple(sorted(set(map(_place, findings)))),
        cause=cause,
    )


def _cause_title(finding: Finding, cause: Cause) -> str:
    lines = str(finding.evidence.get("message") or "").strip().splitlines()
    exception = cause.exception.rpartition(".")[2]
    return f"{exception}: {lines[0]}" if lines else exception


def _crash(finding: Finding, cause: Cause) -> Location:
    if not cause.path:
        return finding.location
    line = finding.evidence["crash"].get("line")
    return Location(
        path=cause.path, line=line if isinstance(line, int) else None, node_id=finding.location.node_id
    )


_place = attrgetter("location.place")


def _member_order(finding: Finding) -> tuple[str, str]:
    return finding.location.place, finding.fingerprint


def _hexadecimal(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
