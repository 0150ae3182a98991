"""The hidden line that makes an issue ours: ``<!-- maint:issue FINGERPRINT -->``, alone on its line."""

from __future__ import annotations

import re

# GitHub's editor saves CRLF; quoted (`> <!--`) and inline copies of the line are not the marker.
MARKER = re.compile(r"^<!-- maint:issue ([0-9a-f]{16}) -->[ \t]*\r?$", re.MULTILINE)


def marker(fingerprint: str) -> str:
    """The marker line, without its newline; ``fingerprint`` is 16 hex digits."""
    return f"<!-- maint:issue {fingerprint} -->"


def fingerprint_of(body: str) -> str:
    """The fingerprint in the first marker of ``body``; empty where there is none."""
    found = MARKER.search(body)
    return found[1] if found else ""
