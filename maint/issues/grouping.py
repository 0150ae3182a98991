"""Which meta-issue an item belongs to: where it was, else by rule, else by folder, else with the others."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from maint.findings import Severity
from maint.issues.item import SEVERITIES, Item

SEVERE = frozenset({Severity.CRITICAL, Severity.HIGH})


class Key(NamedTuple):
    """What a meta-issue is about: the identity that it keeps while its content changes.

    A ``code`` alone is a rule, with a ``folder`` the rule in that folder; no code is *other findings*.
    ``series`` counts the meta-issues about the same that were closed as not planned before.
    """

    code: str = ""
    folder: str = ""
    series: int = 0

    @property
    def fingerprint(self) -> str:
        """16 hex digits for the marker."""
        series = (str(self.series),) if self.series else ()
        name = "\0".join(("meta-issue", self.code, self.folder, *series))
        return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def is_other(self) -> bool:
        """True for *other findings*."""
        return not self.code


OTHER = Key()


class Limits(NamedTuple):
    """At most so many open meta-issues, lines in a checklist, and characters in a body.

    GitHub refuses a body over 65,536 characters; the rest is left to how it counts.
    """

    issues: int = 15
    items: int = 100
    body: int = 64_000

    @property
    def severe(self) -> int:
        """How many places are kept for rules whose worst is critical or high."""
        return self.issues // 3


class Known(NamedTuple):
    """What the forge holds: where each item lives (by the first 8 digits of its fingerprint), which
    meta-issues there are with the codes of new items that each takes in (what a person dismissed takes in
    none unless it cannot tell them), and which of them are open, hold something critical or high, or were
    dismissed."""

    homes: Mapping[str, Key]
    codes: Mapping[Key, frozenset[str]]
    open: frozenset[Key] = frozenset()
    severe: frozenset[Key] = frozenset()
    dismissed: frozenset[Key] = frozenset()

    def takes_in(self, code: str, folder: str = "", new: str = "") -> Key | None:
        """What is about ``code`` in ``folder`` (or *other findings*) and takes in items of ``new``."""
        key = Key(code, folder)
        while key in self.codes:
            if (new or code) in self.codes[key]:
                return key
            key = key._replace(series=key.series + 1)
        return None

    def fresh(self, code: str, folder: str = "") -> Key:
        """A key that no meta-issue has yet."""
        key = Key(code, folder)
        while key in self.codes:
            key = key._replace(series=key.series + 1)
        return key

    def other(self) -> Key:
        """*Other findings*: those that are kept, or if all were dismissed the next."""
        key = OTHER
        while key in self.dismissed:
            key = key._replace(series=key.series + 1)
        return key


NOTHING_KNOWN = Known({}, {})


class Placed(NamedTuple):
    """An item and why it is where it is."""

    item: Item
    why: str


Groups = dict[Key, list[Placed]]


def group(items: Sequence[Item], limits: Limits, known: Known = NOTHING_KNOWN) -> Groups:
    """Place every item; ``items`` in the order of `items_of`. New meta-issues come most severe first.

    What lives in a meta-issue stays there, and what is new joins the one of its rule and folder: so a
    threshold that is crossed moves nothing. Only rules without a meta-issue make new ones, as far as
    ``limits.issues`` allows; one place is kept for *other findings*, which take the least severe and smallest
    rest, and ``limits.severe`` places for rules that found something critical or high.
    """
    groups: Groups = {}
    fresh: dict[str, list[Item]] = {}
    for item in items:
        key, why = _home(item, known)
        if key is None:
            fresh.setdefault(item.code, []).append(item)
        else:
            groups.setdefault(key, []).append(Placed(item, why))
    taken = {key for key in (known.open | groups.keys()) - known.dismissed if not key.is_other}
    severe = (known.severe & taken) | {key for key in taken & groups.keys() if _is_severe(groups[key])}
    room = max(0, limits.issues - 1 - len(taken))
    _place_fresh(fresh, room, max(0, limits.severe - len(severe)), limits, known, groups)
    return groups


def by_severity(group: Iterable[Item]) -> tuple[int, int]:
    """The order of meta-issues: the worst inside, then the number of items."""
    ranks = [SEVERITIES[item.severity] for item in group]
    return (min(ranks), -len(ranks))


def _is_severe(placed: Iterable[Placed]) -> bool:
    return any(one.item.severity in SEVERE for one in placed)


def _home(item: Item, known: Known) -> tuple[Key | None, str]:
    home = known.homes.get(item.fingerprint[:8])
    if home is not None:
        return home, "it is on this checklist already, and stays where it is"
    for folder in _folders(item.path):
        if key := known.takes_in(item.code, folder):
            return key, f"new in {folder}/, which has a meta-issue for {item.code}"
    if key := known.takes_in(item.code):
        return key, f"new, and {item.code} has a meta-issue"
    if item.severity not in SEVERE and (key := known.takes_in("", new=item.code)):
        return key, f"new, and what else {item.code} found is among the other findings"
    return None, ""


def _place_fresh(
    fresh: Mapping[str, list[Item]], room: int, kept: int, limits: Limits, known: Known, groups: Groups
) -> None:
    """``kept`` of the ``room`` is for what is critical or high."""
    ranked = sorted(fresh, key=lambda code: (*by_severity(fresh[code]), code))
    severe = sum(any(item.severity in SEVERE for item in fresh[code]) for code in ranked)
    light = max(0, room - max(kept, severe))
    named, others = ranked[: min(room, severe) + light], ranked[min(room, severe) + light :]
    for position, code in enumerate(named, 1):
        why = f"{code} found {len(fresh[code])} (place {position} by severity, then size)"
        groups[known.fresh(code)] = [Placed(item, why) for item in fresh[code]]
    room -= len(named)
    kept = max(0, kept - severe)
    for position, code in enumerate(named):
        left = room if position < severe else max(0, room - kept)
        room -= left - _split(known.fresh(code), left, limits.items, known, groups)
    for code in others:
        why = (
            f"{code} has no place of its own: of at most {limits.issues}, worse or larger rules have the rest"
        )
        other = known.other()
        groups.setdefault(other, []).extend(Placed(item, why) for item in fresh[code])


def _split(rule: Key, room: int, cap: int, known: Known, groups: Groups) -> int:
    """Take the largest folders out of a rule with more than ``cap`` items; how much room is left."""
    rest = groups[rule]
    total = len(rest)
    folders = Counter(_top_folders([placed.item.path for placed in rest]))
    for folder, size in sorted(folders.items(), key=lambda pair: (-pair[1], pair[0])):
        # A folder with less than a tenth of a checklist is not worth an issue.
        if len(rest) <= cap or not room or size * 10 < cap:
            break
        if not folder:
            continue
        over = f"{rule.code} found {total}, over {cap} for one checklist"
        why = f"{over}, so folders stand alone: {size} in {folder}/"
        inside = [placed.item for placed in rest if placed.item.path.startswith(folder + "/")]
        groups[known.fresh(rule.code, folder)] = [Placed(item, why) for item in inside]
        rest = [placed for placed in rest if not placed.item.path.startswith(folder + "/")]
        room -= 1
    if rest:
        groups[rule] = rest
    else:
        del groups[rule]
        room += 1
    return room


def _top_folders(paths: Sequence[str]) -> list[str]:
    """For each path the first folder below what all of them have in common; empty for a file right there."""
    parents = [path.split("/")[:-1] for path in paths]
    shared = 0
    while len({tuple(parent[: shared + 1]) for parent in parents}) == 1 and len(parents[0]) > shared:
        shared += 1
    return ["/".join(parent[: shared + 1]) if len(parent) > shared else "" for parent in parents]


def _folders(path: str) -> list[str]:
    """The folders that ``path`` is in, deepest first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:depth]) for depth in range(len(parts), 0, -1)]
