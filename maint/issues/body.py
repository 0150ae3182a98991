"""The body of a meta-issue: a managed block between two markers, and people's text around it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from maint.findings import Severity
from maint.forge.marker import MARKER
from maint.issues.grouping import Key
from maint.issues.record import ItemRecord, Record, read_about, read_comment

END = "<!-- maint:end -->"
_END = re.compile(rf"^{END}[ \t]*\r?$", re.MULTILINE)
_TAGGED = re.compile(r"- (.*) <!-- maint:(tests|run) ([0-9a-f]{16}) -->")
_CODE = re.compile(r"`([^`]+)` ")
_LINE = re.compile(r"- \[([ xX])\] (.*) <!-- maint:item ([0-9a-f]{16}) -->.*")


class Body(NamedTuple):
    """A body taken apart.

    ``before`` and ``after`` are people's text, byte for byte. ``ticks`` are the boxes and ``texts`` the
    Markdown of the checklist's lines, by fingerprint; ``tests`` the lines with all tests behind an item, and
    ``runs`` those with the command that runs them. ``damaged`` says that the memory was lost; ``record`` is
    then what can be seen, and None where the body does not say what it is about either.
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
    lines = _Lines(block)
    record = lines.record
    if record is not None and record.key.fingerprint != begin[1]:
        record = None  # the memory of another issue, pasted
    damaged = record is None
    if damaged and lines.key is not None and lines.key.fingerprint == begin[1]:
        record = seen(lines.key, lines.texts)
    people = body[: begin.start()], after
    return Body(*people, begin[1], record, lines.ticks, lines.texts, lines.tests, lines.runs, damaged)


class _Lines:
    """What the lines of a block say; the names are those of `Body`."""

    def __init__(self, block: str) -> None:
        self.record: Record | None = None
        self.key: Key | None = None
        self.ticks: dict[str, bool] = {}
        self.texts: dict[str, str] = {}
        self.tests: dict[str, list[str]] = {}
        self.runs: dict[str, str] = {}
        self._under: list[str] = []
        for line in block.split("\n"):
            self._read(line.rstrip("\r \t"))

    def _read(self, line: str) -> None:
        if line.startswith("  - "):
            self._under.append(line)
            return
        self._under = []
        if found := _LINE.fullmatch(line):
            self.ticks[found[3]] = found[1] != " "
            self.texts[found[3]] = found[2]
        elif (found := _TAGGED.fullmatch(line)) and found[2] == "tests":
            self._under = self.tests[found[3]] = [line]
        elif found:
            self.runs[found[3]] = line
        else:
            self.record = read_comment(line) or self.record
            self.key = read_about(line) or self.key


def seen(key: Key, texts: Mapping[str, str]) -> Record:
    """A memory of the lines that can be seen; it has no ticks, so those in the body are people's."""
    items = {
        fingerprint: ItemRecord(code=key.code or _code_in(text), place="", severity=Severity.INFO, cut=True)
        for fingerprint, text in texts.items()
    }
    return Record(code=key.code, folder=key.folder, series=key.series, items=items)


def _code_in(text: str) -> str:
    """The code that a line of *other findings* begins with."""
    found = _CODE.match(text)
    return found[1] if found else ""
