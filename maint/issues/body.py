"""The body of a meta-issue: a managed block between two markers, and people's text around it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from maint.findings import Severity
from maint.forge.marker import MARKER
from maint.issues.grouping import Key
from maint.issues.record import TICKED, ItemRecord, Record, read_about, read_comment

END = "<!-- maint:end -->"
_END = re.compile(rf"^{END}[ \t]*\r?$", re.MULTILINE)
_TAGGED = re.compile(r"- (.*) <!-- maint:(tests|run) ([0-9a-f]{16}) -->")
_CODE = re.compile(r"`([^`]+)` ")
_LINE = re.compile(r"- \[([ xX])\] (.*) <!-- maint:item ([0-9a-f]{16}) -->.*")


class Body(NamedTuple):
    """A body taken apart.

    ``before`` and ``after`` are people's text, byte for byte. ``ticks`` are the boxes and ``texts`` the
    Markdown of the checklist's lines, by fingerprint; ``tests`` the lines with all tests behind an item, and
    ``runs`` those with the command that runs them. ``record`` is None where it is not known what the body is
    about; ``damaged`` says that the memory was lost, and the record made from what can be seen.
    """

    before: str
    after: str
    fingerprint: str
    record: Record | None
    ticks: dict[str, bool]
    texts: dict[str, str]
    tests: dict[str, list[str]]
    runs: dict[str, str]
    damaged: bool = False

    def around(self, block: str) -> str:
        """People's text around a new ``block``."""
        return f"{self.before}{block}{self.after}"


NEW = Body("", "\n", "", None, {}, {}, {}, {})


def read(body: str) -> Body:
    """Take ``body`` apart. Without a marker all of it is people's text.

    Where the end marker is gone, what is ours cannot be told apart any more: all that follows the marker is
    kept as people's text, and what can be read of the memory is used.
    """
    begin = MARKER.search(body)
    if begin is None:
        return Body(body, "", "", None, {}, {}, {}, {})
    end = _END.search(body, begin.end())
    block = body[begin.end() : end.start()] if end else body[begin.end() :]
    after = body[end.end() :] if end else body[begin.end() :]
    record = key = None
    ticks: dict[str, bool] = {}
    texts: dict[str, str] = {}
    tests: dict[str, list[str]] = {}
    runs: dict[str, str] = {}
    under: list[str] | None = None
    for line in block.split("\n"):
        line = line.rstrip("\r \t")
        if under is not None and line.startswith("  - "):
            under.append(line)
            continue
        under = None
        if found := _LINE.fullmatch(line):
            ticks[found[3]] = found[1] != " "
            texts[found[3]] = found[2]
        elif (found := _TAGGED.fullmatch(line)) and found[2] == "tests":
            under = tests[found[3]] = [line]
        elif found:
            runs[found[3]] = line
        else:
            record, key = read_comment(line) or record, read_about(line) or key
    if record is not None and record.key.fingerprint != begin[1]:
        record = None  # the memory of another issue, pasted
    damaged = record is None and key is not None and key.fingerprint == begin[1]
    if damaged and key is not None:
        record = _seen(key, ticks, texts)
    return Body(body[: begin.start()], after, begin[1], record, ticks, texts, tests, runs, damaged)


def _seen(key: Key, ticks: Mapping[str, bool], texts: Mapping[str, str]) -> Record:
    """A memory of the lines that can be seen: who ticked a box is not known, so a person did."""
    items = {
        fingerprint: ItemRecord(
            code=key.code or _code_in(texts[fingerprint]),
            place="",
            severity=Severity.INFO,
            hand=TICKED if box else "",
            cut=True,
        )
        for fingerprint, box in ticks.items()
    }
    return Record(code=key.code, folder=key.folder, series=key.series, items=items)


def _code_in(text: str) -> str:
    """The code that a line of *other findings* begins with."""
    found = _CODE.match(text)
    return found[1] if found else ""
