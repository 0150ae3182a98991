"""What a meta-issue says: its title, the lines of its checklist, and the block around them, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from maint.findings import Severity
from maint.forge.marker import marker
from maint.issues.body import END
from maint.issues.cause import masked
from maint.issues.grouping import OTHER, Key
from maint.issues.item import SEVERITIES, Item
from maint.issues.record import TICKED, UNTICKED, ItemRecord, Record, RuleNote, comment
from maint.report.cells import encodable, printable, shorten
from maint.report.gfm import code
from maint.rules.table import RULES

Link = Callable[[str, int | None, str], str]

RULES_SHOWN = 12
_MEMBERS_SHOWN = 3
_LINK_KEPT = 300
_UNSAFE_IN_LINK = re.compile(r"[\s()<>\\\"`\[\]]")
_KIND = re.compile(r"<\w+>")
_PROMISE = (
    "This block is kept true by `maint issues apply`. Text around it, the title, labels, assignees and boxes "
    "ticked by hand stay as they are; closed as not planned, the issue stays closed."
)


def title(key: Key, items: Sequence[Item]) -> str:
    """The title that an issue is made with; people may change it."""
    if key == OTHER:
        return "Other findings"
    rule = RULES.get(key.code)
    titles = {_KIND.sub("…", masked(item.title)) for item in items}
    subject = rule.name if rule else titles.pop() if len(titles) == 1 else "findings"
    place = f" in {key.folder}/" if key.folder else ""
    return shorten(printable(f"{key.code} {subject}{place}"), 120)


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
        shown = ", ".join(code(member, 80) for member in item.members[:_MEMBERS_SHOWN])
        rest = len(item.members) - _MEMBERS_SHOWN
        parts.append(f"in {shown}" + (f" and {rest} more tests" if rest > 0 else ""))
    elif item.location.node_id:
        parts.append(f"in {code(item.location.node_id, 80)}")
    return " ".join(parts)


def block(record: Record, texts: Mapping[str, str]) -> str:
    """The managed block, markers included; ``texts`` has the Markdown of every item of ``record``."""
    lines = [_line(fingerprint, item, texts[fingerprint]) for fingerprint, item in record.items.items()]
    if hidden := record.hidden():
        lines.append(f"- … and {hidden} more")
    parts = (
        marker(record.key.fingerprint),
        _headline(record),
        *_rules(record),
        "### Checklist",
        "\n".join(lines),
        *_remedies(record),
        *_commands(record),
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
    return ["\n".join([*shown, *([f"- … and {left} more rules"] if left > 0 else [])])] if shown else []


def _remedies(record: Record) -> list[str]:
    lines = [
        f"- {code(name, 60)}: {_prose(note.remedy)}" if len(record.rules) > 1 else _prose(note.remedy)
        for name, note in _noted(record)
        if note.remedy
    ]
    return ["### How to fix", "\n".join(lines)] if lines else []


def _commands(record: Record) -> list[str]:
    lines = [f"- {code(name, 60)}: {code(command, 400)}" for name, command in sorted(record.commands.items())]
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
