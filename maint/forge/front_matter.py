"""A meta-issue as a Markdown file: front matter of ``key: JSON value`` lines, body, comments."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

from maint.forge.marker import fingerprint_of

_FENCE = re.compile(r"^---[ \t]*\r?\n", re.MULTILINE)
_ENTRY = re.compile(r"([A-Za-z_]+):[ \t]*(.*?)[ \t]*\r?\n?")
_LINE = re.compile(r"[^\n]*\n")  # no other line end: a title may hold them
_CONFLICT = re.compile(r"^<{7}(?=[ \t\r\n])", re.MULTILINE)
_COMMENTS = "<!-- maint:comments -->"
_BEFORE_COMMENTS = re.compile(rf"\n{_COMMENTS}[ \t]*\r?\n")


class Unreadable(ValueError):
    """The file is not as it should be at ``line``, counted from 1; ``str()`` says what is and what to do."""

    def __init__(self, line: int, said: str) -> None:
        super().__init__(said)
        self.line = line


class Page(NamedTuple):
    """``matter`` are the lines between the fences, newlines included; whoever edits the file may add some.

    Keys are lower case; people may write them otherwise.
    """

    matter: tuple[str, ...]
    body: str
    comments: str = ""

    def value(self, key: str) -> object:
        """The value of the first line for ``key``: JSON, or what a person wrote without quotes; else None."""
        for line in self.matter:
            entry = _ENTRY.fullmatch(line)
            if entry and entry[1].lower() == key:
                return _value(entry[2])
        return None

    def with_values(self, values: Mapping[str, object]) -> Page:
        """This page with these entries set, where they stood or at the end; all other lines stay."""
        left = dict(values)
        lines = []
        for line in self.matter:
            entry = _ENTRY.fullmatch(line)
            key = entry[1].lower() if entry else ""
            lines.append(_entry(key, left.pop(key)) if key in left else line)
        return self._replace(matter=(*lines, *(_entry(key, value) for key, value in left.items())))

    def with_comment(self, text: str) -> Page:
        """This page with one more comment at its end, unless one begins with the same line."""
        if text.partition("\n")[0] in self.comments.splitlines():
            return self
        return self._replace(comments=f"{self.comments}\n{text}\n")

    def text(self) -> str:
        """The whole file."""
        comments = f"\n{_COMMENTS}\n{self.comments}" if self.comments else ""
        return f"---\n{''.join(self.matter)}---\n{self.body}{comments}"


def read_page(text: str) -> Page:
    """Take a file apart; without front matter all of it is the body.

    Raises Unreadable where the front matter has no end, or git left a conflict.
    """
    if conflict := _CONFLICT.search(text):
        line = text.count("\n", 0, conflict.start()) + 1
        raise Unreadable(line, "a conflict that git left; keep one side, and run again")
    body, *rest = _BEFORE_COMMENTS.split(text, maxsplit=1)
    comments = "".join(rest)
    begin = _FENCE.match(body)
    end = _FENCE.search(body, begin.end()) if begin else None
    if begin is None:
        return Page((), body, comments)
    # Without its own end, the next line across the page ends it, below the marker of the body.
    if end is None or fingerprint_of(body[begin.end() : end.start()]):
        raise Unreadable(1, "the front matter has no end; write a line --- below it")
    matter = _LINE.findall(body[begin.end() : end.start()])
    return Page(tuple(matter), body[end.end() :], comments)


def _entry(key: str, value: object) -> str:
    return f"{key}: {json.dumps(value, ensure_ascii=False)}\n"


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text.strip("'")
