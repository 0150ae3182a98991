"""What one run does to the memory of one meta-issue, and why: the rules that keep a checklist true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

import msgspec

from maint.issues.item import SEVERITIES, Item
from maint.issues.judgement import MARK, Judgement, kept, mark
from maint.issues.record import PREFIX, SEVERAL, TICKED, UNTICKED, ItemRecord, Record, hidden_items

UNLISTED = 1000
# For each line of the list so many places behind it are remembered, and so many in any case.
_MARKS_A_LINE, _MARKS = 10, 200


class Settled(NamedTuple):
    """The memory after the run, and what changed, in sentences; without one, nothing is to be written."""

    record: Record
    changes: tuple[str, ...]


def settle(
    old: Record,
    ticks: Mapping[str, bool],
    items: Sequence[Item],
    judgement: Judgement,
    today: str,
    listed: int = 100,
    *,
    damaged: bool = False,
) -> Settled:
    """Return ``old`` after a run that found ``items``, with at most ``listed`` lines.

    ``ticks`` are the boxes as they are now, by fingerprint. A box that differs from what the record says was
    changed by a person. Links, lines and texts are no change: they follow when something else changes.
    ``damaged`` says that ``old`` was made from what can be seen of the list.
    """
    draft = _Draft(old, judgement, today)
    if damaged:
        draft.changes.append("the hidden memory was damaged, and is written anew from the list")
    draft.hands(ticks)
    draft.listed({item.fingerprint: item for item in items})
    draft.unlisted(items)
    draft.fit(items, listed)
    changes = tuple(draft.changes)
    return Settled(draft.record if changes else old, changes)


class _Draft:
    """A copy of a record while a run is entered, step by step."""

    def __init__(self, old: Record, judgement: Judgement, today: str) -> None:
        items = {fingerprint: msgspec.structs.replace(item) for fingerprint, item in old.items.items()}
        self.record = msgspec.structs.replace(
            old, items=items, more=dict(old.more), untracked=dict(old.untracked)
        )
        self.judgement = judgement
        self.today = today
        self.changes: list[str] = []

    def hands(self, ticks: Mapping[str, bool]) -> None:
        """Remember what people ticked and unticked."""
        for fingerprint, item in self.record.items.items():
            box = ticks.get(fingerprint, item.ticked)
            if box == item.ticked:
                continue
            against = box != bool(item.fixed)
            item.hand = (TICKED if box else UNTICKED) if against else ""
            item.hand_since = self.today if against else ""
            self.changes.append(f"{TICKED if box else UNTICKED} by hand: {item.place or fingerprint}")

    def listed(self, present: Mapping[str, Item]) -> None:
        """Tick what is fixed, untick what is back."""
        for fingerprint, item in self.record.items.items():
            if found := present.get(fingerprint):
                self._found(item, found)
            elif not item.fixed and self._is_fixed(item):
                item.fixed, item.returned, item.hand, item.hand_since = self.today, "", "", ""
                self.changes.append(f"fixed: {item.place or fingerprint}")

    def _is_fixed(self, item: ItemRecord) -> bool:
        if item.cut and not self.judgement.looked_everywhere(item.code):
            return False
        return self.judgement.is_fixed(item.code, item.marks, by_hand=item.hand == TICKED)

    def _found(self, item: ItemRecord, found: Item) -> None:
        if not item.place:
            item.code, item.place = found.code, kept(found.location.place)
        if item.fixed:
            item.fixed, item.returned, item.hand, item.hand_since = "", self.today, "", ""
            self.changes.append(f"back: {item.place}")
        # A partial run sees some of the tests that fail for one cause; that is no news of the others.
        if item.digest != found.digest and self.judgement.complete(item.code):
            sizes = f"{item.size} to {len(found.members)} places" if item.size != len(found.members) else ""
            severities = f"{item.severity} to {found.severity}" if item.severity != found.severity else ""
            news = ", ".join(filter(None, (sizes, severities))) or "other places"
            self.changes.append(f"{news}: {item.place}")
            # Of those that were behind it and now have no verdict, it is not known that they are fixed.
            skipped = [one for one in item.marks if not self.judgement.is_fixed(item.code, [one])]
            cut = item.cut and bool(item.digest) and not self.judgement.looked_everywhere(item.code)
            item.digest, item.size, item.severity = found.digest, len(found.members), found.severity
            item.members, item.cut = _members(found, skipped), cut

    def unlisted(self, items: Iterable[Item]) -> None:
        """Keep count of what there was no line for, and enter what is new into the list."""
        present = {item.fingerprint[:PREFIX] for item in items}
        for code in list(self.record.more):
            self._drop_fixed(code, present)
        unknown: dict[str, list[Item]] = {code: [] for code in self.record.untracked}
        hidden = _by_code(self.record.more)
        for item in items:
            known = item.fingerprint in self.record.items
            if not known and item.fingerprint[:PREFIX] not in hidden.get(item.code, ()):
                unknown.setdefault(item.code, []).append(item)
        for code, found in unknown.items():
            self._count(code, found)

    def _drop_fixed(self, code: str, present: AbstractSet[str]) -> None:
        known = hidden_items(self.record.more[code])
        left = {
            prefix: where
            for prefix, where in known.items()
            if prefix in present or not self._hidden_is_fixed(code, where)
        }
        if fixed := len(known) - len(left):
            self.record.gone += fixed
            self.record.more[code] = _run(left)
            self.changes.append(f"fixed: {fixed} of the unlisted items of {code}")

    def _hidden_is_fixed(self, code: str, where: str) -> bool:
        if where == SEVERAL:
            return self.judgement.looked_everywhere(code)
        return self.judgement.is_fixed(code, [where])

    def _count(self, code: str, unknown: Sequence[Item]) -> None:
        """``unknown`` may be among the items that were only counted: a partial run cannot tell."""
        counted = self.record.untracked.get(code, 0)
        if not counted:
            for item in unknown:
                self.record.items[item.fingerprint] = _new(item)
                self.changes.append(f"new: {item.place}: {item.title}")
        elif self.judgement.looked_everywhere(code) and len(unknown) != counted:
            self.record.gone += max(0, counted - len(unknown))
            self.record.untracked[code] = len(unknown)
            self.changes.append(f"{counted} to {len(unknown)} further items of {code}")

    def fit(self, items: Iterable[Item], listed: int) -> None:
        """Choose the ``listed`` lines anew: fixed items go first, then the least severe and smallest."""
        if len(self.record.items) > listed and not self.changes:
            self.changes.append(f"the list is cut to {listed} lines")
        if not self.changes:
            return
        self._take_in(items)
        # What a person ticked keeps its line: without it, that would be forgotten.
        ranked = sorted(self.record.items.items(), key=lambda entry: (not entry[1].hand, *_rank(entry)))
        self.record.items = dict(sorted(ranked[:listed], key=_rank))
        more = _by_code(self.record.more)
        room = UNLISTED - sum(map(len, more.values()))
        for fingerprint, item in ranked[listed:]:
            if item.fixed:
                self.record.gone += 1
            elif room > 0:
                marks = item.marks
                where = marks[0] if len(marks) == 1 and not item.cut else SEVERAL
                more.setdefault(item.code, {})[fingerprint[:PREFIX]] = where
                room -= 1
            else:
                self.record.untracked[item.code] = self.record.untracked.get(item.code, 0) + 1
        self.record.more = {code: _run(run) for code, run in more.items() if run}
        self.record.untracked = {code: number for code, number in self.record.untracked.items() if number}
        self._cut_members(max(_MARKS, _MARKS_A_LINE * listed))

    def _cut_members(self, room: int) -> None:
        for item in self.record.items.values():
            if len(item.members) > room * MARK:
                item.members, item.cut = item.members[: room * MARK], True
            room -= len(item.members) // MARK

    def _take_in(self, items: Iterable[Item]) -> None:
        """Let unlisted items compete for lines, as far as this run found them."""
        record = self.record
        more = _by_code(record.more)
        known = [code for code in record.untracked if self.judgement.looked_everywhere(code)]
        for item in items:
            if item.fingerprint in record.items:
                continue
            prefix = item.fingerprint[:PREFIX]
            hidden = prefix in more.get(item.code, ())
            if hidden:
                del more[item.code][prefix]
            if hidden or item.code in known:
                record.items[item.fingerprint] = _new(item)
        for code in known:
            del record.untracked[code]
        record.more = {code: _run(run) for code, run in more.items()}


def _new(item: Item) -> ItemRecord:
    return ItemRecord(
        code=item.code,
        place=kept(item.location.place),
        severity=item.severity,
        digest=item.digest,
        size=len(item.members),
        members=_members(item),
    )


def _members(item: Item, others: Iterable[str] = ()) -> str:
    """The marks of its places, and of others; nothing where the place that is kept says it."""
    marks = dict.fromkeys([*map(mark, filter(None, item.members)), *others])
    return "" if list(marks) == [mark(kept(item.location.place))] else "".join(marks)


def _by_code(more: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {code: hidden_items(run) for code, run in more.items()}


def _run(hidden: Mapping[str, str]) -> str:
    return "".join(prefix + where for prefix, where in hidden.items())


def _rank(entry: tuple[str, ItemRecord]) -> tuple[bool, int, int, str, str, str]:
    fingerprint, item = entry
    severity = SEVERITIES[item.severity]
    return (bool(item.fixed), severity, -item.size, item.code, item.place, fingerprint)
