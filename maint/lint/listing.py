"""``maint.lint/1``: findings and what was not looked at, as ``maint lint --format json`` prints them."""

from __future__ import annotations

import msgspec

from maint.findings import Finding

SCHEMA = "maint.lint/1"


class Unseen(msgspec.Struct, frozen=True):
    """A file or folder that no rule judged, and why."""

    path: str
    reason: str


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """The whole document; ``known`` is the number of findings that are in the baseline and not here."""

    findings: tuple[Finding, ...]
    skipped: tuple[Unseen, ...]
    known: int = 0
    schema: str = SCHEMA
