"""What a meta-issue remembers: one line of JSON in a comment of its body."""

from __future__ import annotations

import re

import msgspec

from maint.findings import Severity
from maint.issues.grouping import Key
from maint.issues.judgement import MARK, mark

# Neither the end of a comment nor a mention or an issue number can stand in what is written.
_ESCAPED = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&@#"})
_STATE = re.compile(r"<!-- maint:state (\{.*\}) -->")
_ABOUT = re.compile(r"<!-- maint:about (\[.*\]) -->")
TICKED, UNTICKED = "ticked", "unticked"
PREFIX = 8
_ENTRY = PREFIX + MARK
SEVERAL = "*" * MARK


class ItemRecord(msgspec.Struct, omit_defaults=True, array_like=True):
    """What is known of one line. Dates are ``YYYY-MM-DD``.

    ``fixed`` is the day a full run no longer found it, empty while it is there; ``returned`` the day it was
    back. ``hand`` says that a person ticked or unticked it against what was found, since ``hand_since``.
    ``digest`` and ``size`` are those of the `Item` as it was written; ``place`` is cut to 200 characters.
    ``members`` are the marks of the places behind it, run together, where that is not just ``place``;
    ``cut`` says that there was no room for all of them.
    """

    code: str
    place: str
    severity: Severity
    digest: str = ""
    size: int = 1
    fixed: str = ""
    returned: str = ""
    hand: str = ""
    hand_since: str = ""
    members: str = ""
    cut: bool = False

    @property
    def marks(self) -> list[str]:
        """The marks of the places that are known of it; a finding of the whole project has none."""
        if self.members:
            return _chunks(self.members, MARK)
        return [mark(self.place)] if self.place else []

    @property
    def ticked(self) -> bool:
        """What the box shows: what was found, unless a person said otherwise."""
        return self.hand == TICKED or (bool(self.fixed) and self.hand != UNTICKED)


class RuleNote(msgspec.Struct, frozen=True, array_like=True):
    """What the body says of a code, kept for runs that do not mention it."""

    summary: str
    severity: Severity
    remedy: str


class Record(msgspec.Struct, omit_defaults=True):
    """The whole memory of one meta-issue.

    ``more`` are items beyond the cap: for a code the first 8 digits of their fingerprints, each with the
    mark of its place or `SEVERAL`, run together; ``untracked`` counts those beyond that, by code. ``gone``
    counts fixed items that are no longer listed.
    ``closed`` is the day this tool closed the issue, empty once something came back; ``closings`` how often.
    ``commands`` reproduce, by guardrail; ``commit`` is the one that links lead to.
    """

    code: str = ""
    folder: str = ""
    series: int = 0
    items: dict[str, ItemRecord] = {}
    more: dict[str, str] = {}
    untracked: dict[str, int] = {}
    gone: int = 0
    closed: str = ""
    closings: int = 0
    commit: str = ""
    commands: dict[str, str] = {}
    rules: dict[str, RuleNote] = {}

    @property
    def key(self) -> Key:
        """What the meta-issue is about."""
        return Key(self.code, self.folder, self.series)

    def codes(self) -> frozenset[str]:
        """Every code that an item of this issue has, fixed or not."""
        return frozenset(
            {item.code for item in self.items.values()} | self.more.keys() | self.untracked.keys()
        )

    def hidden(self) -> int:
        """How many items that are there are not listed."""
        return sum(len(run) // _ENTRY for run in self.more.values()) + sum(self.untracked.values())

    def still_open(self) -> int:
        """How many listed items are neither fixed nor, by a person, said to be open though not found."""
        return sum(not item.fixed or item.hand == UNTICKED for item in self.items.values())


def hidden_items(run: str) -> dict[str, str]:
    """One entry of ``more``: the first digits of the fingerprints to the marks of their places."""
    return {entry[:PREFIX]: entry[PREFIX:] for entry in _chunks(run, _ENTRY)}


def _chunks(run: str, length: int) -> list[str]:
    return [run[start : start + length] for start in range(0, len(run), length)]


def comment(record: Record) -> str:
    """The record as one line that any Markdown reader hides."""
    return f"<!-- maint:state {_hidden(record)} -->"


def about(key: Key) -> str:
    """What the meta-issue is about as one hidden line: short, so it may survive where the memory does not."""
    return f"<!-- maint:about {_hidden(key)} -->"


def _hidden(value: object) -> str:
    return msgspec.json.encode(value).decode("utf-8").translate(_ESCAPED)


def read_comment(line: str) -> Record | None:
    """The record in one line of a body; None when the line is not, or no longer, such a comment."""
    found = _STATE.fullmatch(line)
    if found is None:
        return None
    try:
        return msgspec.json.decode(found[1], type=Record)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None


def read_about(line: str) -> Key | None:
    """What the line of a body says that it is about; None when it is no such comment."""
    found = _ABOUT.fullmatch(line)
    if found is None:
        return None
    try:
        return msgspec.json.decode(found[1], type=Key)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
