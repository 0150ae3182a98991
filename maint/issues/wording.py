"""What a meta-issue says: its title, the lines of its checklist, and the block around them, as Markdown."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

from maint.findings import Severity
from maint.forge.marker import marker
from maint.issues.body import END
from maint.issues.cause import masked
from maint.issues.grouping import Key
from maint.issues.item import SEVERITIES, Item
from maint.issues.record import TICKED, UNTICKED, ItemRecord, Record, RuleNote, about, comment
from maint.report.cells import counted, encodable, printable, shorten
from maint.report.gfm import code as cell
from maint.rules.table import RULES

Link = Callable[[str, int | None, str], str]

RULES_SHOWN = 12
_MEMBERS_SHOWN = 3
_LINK_KEPT = 300
_UNSAFE_IN_LINK = re.compile(r"[\s()<>\\\"`\[\]]")
_KIND = re.compile(r"<\w+>")
_PROMISE = (
    "This block is kept true by `maint issues apply`: text inside it is replaced. Text around it, the title, "
    "labels, assignees and boxes ticked by hand stay as they are; closed as not planned, it stays closed."
)
_TITLE_WIDTH = 79
_NODE_WIDTH = 1000
_COMMANDS_SHOWN = 10
_COMMAND_WIDTH = 300
_TESTS_HEAD = "<details><summary>All tests, by item</summary>"
code = partial(cell, table=False)


class Texts(NamedTuple):
    """The Markdown of listed items by fingerprint: the line, all tests behind it, and how to run them."""

    lines: dict[str, str]
    tests: dict[str, list[str]]
    runs: dict[str, str]


def title(key: Key, items: Sequence[Item]) -> str:
    """The title that an issue is made with; people may change it."""
    again = f" ({key.series + 1})" if key.series else ""
    if key.is_other:
        return f"Other findings{again}"
    rule = RULES.get(key.code)
    titles = {_KIND.sub("…", masked(item.title)) for item in items}
    place = f" in {key.folder}/" if key.folder else ""
    width = _TITLE_WIDTH - len(again)
    if cause := _first_cause(items):
        subject = f"{rule.name}: {cause}" if rule else cause
    elif rule:
        subject = f"{rule.name}: {rule.summary}"
        # the name says it; half a sentence says less
        if len(f"{key.code} {subject}{place}") > width:
            subject = rule.name
    else:
        subject = titles.pop() if len(titles) == 1 else "findings"
    return shorten(printable(f"{key.code} {subject}{place}"), width) + again


def _first_cause(items: Sequence[Item]) -> str:
    cause = items[0].cause if items else None
    if cause is None:
        return ""
    function = f" in {cause.function}" if cause.function else ""
    return f"{cause.exception.rpartition('.')[2]}{function}{' and others' if len(items) > 1 else ''}"


def notes(items: Iterable[Item]) -> dict[str, RuleNote]:
    """What to say of each code: our own rules table, or for a foreign code what its first item says."""
    said: dict[str, RuleNote] = {}
    for item in items:
        if item.code not in said:
            rule = RULES.get(item.code)
            said[item.code] = (
                RuleNote(rule.summary, Severity(rule.severity), rule.remedy)
                if rule
                else RuleNote("", item.severity, encodable(shorten(item.remedy, 300)))
            )
    return said


def text(item: Item, commit: str, link: Link, *, with_code: bool) -> str:
    """The Markdown of one item, without its box: what, where, and behind one cause the tests."""
    parts = [code(item.code, 40)] if with_code else []
    parts.append(code(item.title or item.code))
    if where := _where(item, commit, link):
        parts.append(f"at {where}")
    if item.cause is not None:
        shown = ", ".join(code(member, _NODE_WIDTH) for member in item.members[:_MEMBERS_SHOWN])
        rest = len(item.members) - _MEMBERS_SHOWN
        parts.append(f"in {shown}" + (f" and {counted(rest, 'more test')}" if rest > 0 else ""))
    elif item.location.node_id:
        parts.append(f"in {code(item.location.node_id, _NODE_WIDTH)}")
    return " ".join(parts)


def tests(item: Item) -> list[str]:
    """The lines that name every test behind one cause; none where the checklist names them all."""
    if item.cause is None or len(item.members) <= _MEMBERS_SHOWN:
        return []
    head = f"- {code(item.title or item.code)} <!-- maint:tests {item.fingerprint} -->"
    return [head, *(f"  - {code(member, _NODE_WIDTH)}" for member in item.members)]


def command(item: Item) -> str:
    """The line with what runs the tests of one cause, or the first of them; empty where no shell can."""
    if item.cause is None:
        return ""
    typed = ["pytest"]
    for member in item.members:
        quoted = shlex.quote(member)
        if printable(quoted) != quoted or (
            len(typed) > 1 and len(" ".join(typed)) + len(quoted) > _COMMAND_WIDTH
        ):
            break
        typed.append(quoted)
    shown, number = len(typed) - 1, len(item.members)
    if not shown:
        return ""
    some = f" (the first {shown} of {number})" if shown < number else ""
    title = code(item.title or item.code)
    return f"- {title}{some}: {code(' '.join(typed), 2 * _NODE_WIDTH)} <!-- maint:run {item.fingerprint} -->"


def block(record: Record, texts: Texts, room: int) -> str:
    """The managed block, markers included; ``texts`` has the Markdown of every item of ``record``.

    Beyond ``room`` characters no more tests are named; that the rest fits is for the caller to see.
    """
    without = _parts(record, texts, "")
    named = _named(record, texts, room - len(without) - len(_TESTS_HEAD) - 100)
    return _parts(record, texts, named) if named else without


def _named(record: Record, texts: Texts, room: int) -> str:
    lines: list[str] = []
    for fingerprint, item in record.items.items():
        whole = [] if item.fixed else texts.tests.get(fingerprint, [])
        fitting = _fitting(whole, room)
        room -= sum(map(len, fitting)) + len(fitting)
        lines += fitting
    return "\n\n".join((_TESTS_HEAD, "\n".join(lines), "</details>")) if lines else ""


def _fitting(lines: Sequence[str], room: int) -> list[str]:
    kept: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 40:
            break
        kept.append(line)
    if len(kept) < 2:
        return []
    return (
        [*kept, f"  - … and {counted(len(lines) - len(kept), 'more test')}"]
        if len(kept) < len(lines)
        else kept
    )


def _parts(record: Record, texts: Texts, named: str) -> str:
    lines = [_line(fingerprint, item, texts.lines[fingerprint]) for fingerprint, item in record.items.items()]
    if hidden := record.hidden():
        lines.append(f"- … and {hidden} more")
    parts = (
        f"{marker(record.key.fingerprint)}\n{about(record.key)}",
        _headline(record),
        *_rules(record),
        "### Checklist",
        "\n".join(lines),
        *([named] if named else []),
        *_remedies(record),
        *_commands(record, texts),
        f"<sub>{_PROMISE}</sub>",
    )
    return "\n\n".join(parts) + f"\n\n{comment(record)}\n{END}"


def _line(fingerprint: str, item: ItemRecord, text: str) -> str:
    box = "x" if item.ticked else " "
    return f"- [{box}] {text} <!-- maint:item {fingerprint} -->{_note(item)}"


def _note(item: ItemRecord) -> str:
    if item.hand == TICKED:
        return f" (ticked by hand {item.hand_since}, still found)"
    if item.hand == UNTICKED:
        return f" (no longer found {item.fixed}, unticked by hand {item.hand_since})"
    if item.fixed:
        return f" (fixed {item.fixed})"
    return f" (back since {item.returned})" if item.returned else ""


def _headline(record: Record) -> str:
    fixed = record.gone + sum(bool(item.fixed) for item in record.items.values())
    total = record.gone + len(record.items) + record.hidden()
    open_ones = [item.severity for item in record.items.values() if not item.fixed]
    worst = f", worst: {min(open_ones, key=SEVERITIES.__getitem__)}" if open_ones else ""
    return f"**{fixed} of {total} fixed**{worst}"


def _rules(record: Record) -> list[str]:
    """What the codes mean."""
    shown = [
        f"- {code(name, 60)}" + (f": {_prose(note.summary)}" if note.summary else "") + f" ({note.severity})"
        for name, note in _noted(record)
    ]
    left = len(record.rules) - len(shown)
    return (
        ["\n".join([*shown, *([f"- … and {counted(left, 'more rule')}"] if left > 0 else [])])]
        if shown
        else []
    )


def _remedies(record: Record) -> list[str]:
    lines = [
        f"- {code(name, 60)}: {_prose(note.remedy)}" if len(record.rules) > 1 else _prose(note.remedy)
        for name, note in _noted(record)
        if note.remedy
    ]
    return ["### How to fix", "\n".join(lines)] if lines else []


def _commands(record: Record, texts: Texts) -> list[str]:
    lines = [f"- {code(name, 60)}: {code(command, 400)}" for name, command in sorted(record.commands.items())]
    there = (fingerprint for fingerprint, item in record.items.items() if not item.fixed)
    lines += [texts.runs[one] for one in there if texts.runs.get(one)][:_COMMANDS_SHOWN]
    return ["### How to reproduce", "\n".join(lines)] if lines else []


def _noted(record: Record) -> Sequence[tuple[str, RuleNote]]:
    return [(name, note) for name, note in sorted(record.rules.items())][:RULES_SHOWN]


def _prose(words: str) -> str:
    """Our own rules are written by us; what a foreign tool advises is data."""
    return words if words in _OWN else code(words, 300)


_OWN = frozenset(words for rule in RULES.values() for words in (rule.summary, rule.remedy))


def _where(item: Item, commit: str, link: Link) -> str:
    path, line = item.location.path, item.location.line
    if not path:
        return ""
    shown = code(f"{path}:{line}" if line else path)
    target = _UNSAFE_IN_LINK.sub(_quoted, link(path, line, commit))
    return f"[{shown}]({target})" if 0 < len(target) <= _LINK_KEPT else shown


def _quoted(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "backslashreplace"))
