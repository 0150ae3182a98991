"""What one run does to the memory of one meta-issue, and why: the rules that keep a checklist true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

import msgspec

from maint.issues.item import SEVERITIES, Item
from maint.issues.judgement import Judgement, kept
from maint.issues.record import PREFIX, TICKED, UNTICKED, ItemRecord, Record, prefixes

UNLISTED = 1000


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
) -> Settled:
    """Return ``old`` after a run that found ``items``, with at most ``listed`` lines.

    ``ticks`` are the boxes as they are now, by fingerprint. A box that differs from what the record says was
    changed by a person. Links, lines and texts are no change: they follow when something else changes.
    """
    draft = _Draft(old, judgement, today)
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
            self.changes.append(f"{TICKED if box else UNTICKED} by hand: {item.place}")

    def listed(self, present: Mapping[str, Item]) -> None:
        """Tick what is fixed, untick what is back."""
        for fingerprint, item in self.record.items.items():
            if found := present.get(fingerprint):
                self._found(item, found)
            elif not item.fixed and self.judgement.is_fixed(item.code, item.place):
                item.fixed, item.returned, item.hand, item.hand_since = self.today, "", "", ""
                self.changes.append(f"fixed: {item.place}")

    def _found(self, item: ItemRecord, found: Item) -> None:
        if item.fixed:
            item.fixed, item.returned, item.hand, item.hand_since = "", self.today, "", ""
            self.changes.append(f"back: {item.place}")
        # A partial run sees some of the tests that fail for one cause; that is no news of the others.
        if item.digest != found.digest and self.judgement.complete(item.code):
            sizes = f"{item.size} to {len(found.members)} places" if item.size != len(found.members) else ""
            severities = f"{item.severity} to {found.severity}" if item.severity != found.severity else ""
            news = ", ".join(filter(None, (sizes, severities))) or "other places"
            self.changes.append(f"{news}: {item.place}")
            item.digest, item.size, item.severity = found.digest, len(found.members), found.severity

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

    def _looked_everywhere(self, code: str) -> bool:
        # Where an unlisted item is, is not remembered: with places unjudged, none of them counts as fixed.
        return self.judgement.complete(code) and not self.judgement.unjudged

    def _drop_fixed(self, code: str, present: AbstractSet[str]) -> None:
        known = prefixes(self.record.more[code])
        left = [prefix for prefix in known if prefix in present]
        if len(left) < len(known) and self._looked_everywhere(code):
            self.record.gone += len(known) - len(left)
            self.record.more[code] = "".join(left)
            self.changes.append(f"fixed: {len(known) - len(left)} of the unlisted items of {code}")

    def _count(self, code: str, unknown: Sequence[Item]) -> None:
        """``unknown`` may be among the items that were only counted: a partial run cannot tell."""
        counted = self.record.untracked.get(code, 0)
        if not counted:
            for item in unknown:
                self.record.items[item.fingerprint] = _new(item, self.today)
                self.changes.append(f"new: {item.place}: {item.title}")
        elif self._looked_everywhere(code) and len(unknown) != counted:
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
                more.setdefault(item.code, {})[fingerprint[:PREFIX]] = None
                room -= 1
            else:
                self.record.untracked[item.code] = self.record.untracked.get(item.code, 0) + 1
        self.record.more = {code: "".join(run) for code, run in more.items() if run}
        self.record.untracked = {code: number for code, number in self.record.untracked.items() if number}

    def _take_in(self, items: Iterable[Item]) -> None:
        """Let unlisted items compete for lines, as far as this run found them."""
        record = self.record
        more = _by_code(record.more)
        known = [code for code in record.untracked if self._looked_everywhere(code)]
        for item in items:
            if item.fingerprint in record.items:
                continue
            prefix = item.fingerprint[:PREFIX]
            hidden = prefix in more.get(item.code, ())
            if hidden:
                del more[item.code][prefix]
            if hidden or item.code in known:
                record.items[item.fingerprint] = _new(item, "")
        for code in known:
            del record.untracked[code]
        record.more = {code: "".join(run) for code, run in more.items()}


def _new(item: Item, first: str) -> ItemRecord:
    return ItemRecord(
        code=item.code,
        place=kept(item.location.place),
        severity=item.severity,
        first=first,
        digest=item.digest,
        size=len(item.members),
    )


def _by_code(more: Mapping[str, str]) -> dict[str, dict[str, None]]:
    return {code: dict.fromkeys(prefixes(run)) for code, run in more.items()}


def _rank(entry: tuple[str, ItemRecord]) -> tuple[bool, int, int, str, str, str]:
    fingerprint, item = entry
    severity = SEVERITIES[item.severity]
    return (bool(item.fixed), severity, -item.size, item.code, item.place, fingerprint)
