"""The body of a meta-issue: a managed block between two markers, and people's text around it."""

from __future__ import annotations

import re
from typing import NamedTuple

from maint.forge.marker import MARKER
from maint.issues.record import Record, read_comment

END = "<!-- maint:end -->"
_END = re.compile(rf"^{END}[ \t]*\r?$", re.MULTILINE)
_LINE = re.compile(r"- \[([ xX])\] (.*) <!-- maint:item ([0-9a-f]{16}) -->.*")


class Body(NamedTuple):
    """A body taken apart.

    ``before`` and ``after`` are people's text, byte for byte. ``ticks`` are the boxes and ``texts`` the
    Markdown of the checklist's lines, by fingerprint. ``record`` is None where the memory was damaged.
    """

    before: str
    after: str
    fingerprint: str
    record: Record | None
    ticks: dict[str, bool]
    texts: dict[str, str]

    def around(self, block: str) -> str:
        """People's text around a new ``block``."""
        return f"{self.before}{block}{self.after}"


NEW = Body("", "\n", "", None, {}, {})


def read(body: str) -> Body:
    """Take ``body`` apart. Without a marker all of it is people's text.

    Where the end marker is gone, what is ours cannot be told apart any more: all that follows the marker is
    kept as people's text, and what can be read of the memory is used.
    """
    begin = MARKER.search(body)
    if begin is None:
        return Body(body, "", "", None, {}, {})
    end = _END.search(body, begin.end())
    block = body[begin.end() : end.start()] if end else body[begin.end() :]
    after = body[end.end() :] if end else body[begin.end() :]
    record = None
    ticks: dict[str, bool] = {}
    texts: dict[str, str] = {}
    for line in block.split("\n"):
        line = line.rstrip("\r \t")
        if found := _LINE.fullmatch(line):
            ticks[found[3]] = found[1] != " "
            texts[found[3]] = found[2]
        elif memory := read_comment(line):
            record = memory
    if record is not None and record.key.fingerprint != begin[1]:
        record = None  # the memory of another issue, pasted
    return Body(body[: begin.start()], after, begin[1], record, ticks, texts)
