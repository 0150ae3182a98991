"""Findings: what a guardrail says when something fell short. Frozen data, JSON in and out."""

from __future__ import annotations

import enum
import hashlib
import re
from typing import Any

import msgspec

_UNSTABLE = re.compile(r"0x[0-9a-fA-F]+|[+-]?\d+(?:[.,]\d+)*")


class Severity(enum.StrEnum):
    """How bad a finding is, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


class Location(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where: ``path`` is POSIX and relative to the root, ``line`` and ``column`` count from 1."""

    path: str | None = None
    line: int | None = None
    column: int | None = None
    node_id: str | None = None

    @property
    def place(self) -> str:
        """The part that survives line moves: the node id, else the path."""
        return self.node_id or self.path or ""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that fell short.

    ``code`` is a key of the rules table; ``evidence`` is plain JSON; ``remedy`` says what to do.
    """

    code: str
    severity: Severity
    category: str
    title: str
    message: str
    location: Location
    remedy: str
    evidence: dict[str, Any] = msgspec.field(default_factory=dict)
    fingerprint: str = ""

    def __post_init__(self) -> None:
        if not self.fingerprint:
            msgspec.structs.force_setattr(
                self, "fingerprint", fingerprint(self.code, self.location.place, self.title)
            )


def fingerprint(code: str, place: str, cause: str) -> str:
    """Identity of a finding over reruns: code + place + cause with its numbers masked; 16 hex digits."""
    normalised = _UNSTABLE.sub("#", cause)
    return hashlib.sha256("\0".join((code, place, normalised)).encode("utf-8", "surrogatepass")).hexdigest()[
        :16
    ]
