"""What a meta-issue remembers: one line of JSON in a comment of its body."""

from __future__ import annotations

import re

import msgspec

from maint.findings import Severity
from maint.issues.grouping import Key

# Neither the end of a comment nor a mention or an issue number can stand in what is written.
_ESCAPED = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&@#"})
_STATE = re.compile(r"<!-- maint:state (\{.*\}) -->")
TICKED, UNTICKED = "ticked", "unticked"
PREFIX = 8


class ItemRecord(msgspec.Struct, omit_defaults=True, array_like=True):
    """What is known of one line. Dates are ``YYYY-MM-DD``.

    ``fixed`` is the day a full run no longer found it, empty while it is there; ``returned`` the day it was
    back. ``hand`` says that a person ticked or unticked it against what was found, since ``hand_since``.
    ``digest`` and ``size`` are those of the `Item` as it was written; ``place`` is cut to 200 characters.
    """

    code: str
    place: str
    severity: Severity
    first: str
    digest: str = ""
    size: int = 1
    fixed: str = ""
    returned: str = ""
    hand: str = ""
    hand_since: str = ""

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

    ``more`` are items beyond the cap: a code to the first 8 digits of their fingerprints, run together;
    ``untracked`` counts those beyond that, by code. ``gone`` counts fixed items that are no longer listed.
    ``closed`` is the day this tool closed the issue, empty once something came back; ``closings`` how often.
    ``commands`` reproduce, by guardrail; ``commit`` is the one that links lead to.
    """

    code: str = ""
    folder: str = ""
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
        return Key(self.code, self.folder)

    def codes(self) -> frozenset[str]:
        """Every code that an item of this issue has, fixed or not."""
        return frozenset(
            {item.code for item in self.items.values()} | self.more.keys() | self.untracked.keys()
        )

    def hidden(self) -> int:
        """How many items that are there are not listed."""
        return sum(len(run) // PREFIX for run in self.more.values()) + sum(self.untracked.values())

    def still_open(self) -> int:
        """How many listed items are neither fixed nor, by a person, said to be open though not found."""
        return sum(not item.fixed or item.hand == UNTICKED for item in self.items.values())


def prefixes(run: str) -> list[str]:
    """The prefixes in one entry of ``more``."""
    return [run[start : start + PREFIX] for start in range(0, len(run), PREFIX)]


def comment(record: Record) -> str:
    """The record as one line that any Markdown reader hides."""
    text = msgspec.json.encode(record).decode("utf-8").translate(_ESCAPED)
    return f"<!-- maint:state {text} -->"


def read_comment(line: str) -> Record | None:
    """The record in one line of a body; None when the line is not, or no longer, such a comment."""
    found = _STATE.fullmatch(line)
    if found is None:
        return None
    try:
        return msgspec.json.decode(found[1], type=Record)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
