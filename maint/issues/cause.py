"""Why a test failed, as one key: what two failures of one cause have in common and nothing else."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from maint.findings import Finding

# Beyond this the message of a failure is a diff of values, which tells failures of one cause apart.
_MESSAGE_KEPT = 300

# In this order: an address inside a quoted id goes with the id, a number inside a path with the path.
# A pattern is tried only where one of its characters is: most messages hold neither quotes nor paths.
_MASKS = (
    ("'\"`", re.compile(r"'[^'\n]{1,120}'|\"[^\"\n]{1,120}\"|`[^`\n]{1,120}`"), "<quoted>"),
    ("-", re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "<hex>"),
    ("/\\", re.compile(r"(?:[A-Za-z]:|\.{1,2})?(?:[/\\][\w.@~+-]+){2,}[/\\]?"), "<path>"),
    ("0123456789", re.compile(r"0x[0-9a-fA-F]+|\b(?=[a-fA-F]*\d)[0-9a-fA-F]{7,}\b"), "<hex>"),
    ("0123456789", re.compile(r"[+-]?\d+(?:[.,:]\d+)*(?:[eE][+-]?\d+)?"), "<number>"),
)


class Cause(NamedTuple):
    """Exception type, masked message, and the project's frame that raised, without its line."""

    exception: str
    message: str
    path: str
    function: str


def cause_of(finding: Finding) -> Cause | None:
    """The cause that a finding's evidence names; None for what is no failure of a test.

    ``evidence`` holds ``exception`` and ``message`` (strings) and ``crash`` (``path``, ``function``); a
    finding without an exception has no cause to share. Evidence of foreign readers may lack the rest.
    """
    exception = finding.evidence.get("exception")
    if not isinstance(exception, str) or not exception:
        return None
    message, crash = finding.evidence.get("message"), finding.evidence.get("crash")
    frame = crash if isinstance(crash, dict) else {}
    return Cause(
        exception,
        masked(message) if isinstance(message, str) else "",
        str(frame.get("path") or ""),
        str(frame.get("function") or ""),
    )


def masked(message: str) -> str:
    """``message`` with quoted ids, paths, hexadecimal and decimal numbers replaced by their kind."""
    return _masked(message[:_MESSAGE_KEPT])


@lru_cache(maxsize=4096)
def _masked(text: str) -> str:
    for needed, pattern, kind in _MASKS:
        if any(char in text for char in needed):
            text = pattern.sub(kind, text)
    return " ".join(text.split())
