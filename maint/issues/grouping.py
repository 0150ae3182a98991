"""Which meta-issue an item belongs to: where it was, else by rule, else by folder, else with the others."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from maint.issues.item import SEVERITIES, Item


class Key(NamedTuple):
    """What a meta-issue is about: the identity that it keeps while its content changes.

    A ``code`` alone is a rule, with a ``folder`` the rule in that folder; no code is *other findings*.
    """

    code: str = ""
    folder: str = ""

    @property
    def fingerprint(self) -> str:
        """16 hex digits for the marker."""
        return hashlib.sha256("\0".join(("meta-issue", *self)).encode("utf-8", "surrogatepass")).hexdigest()[
            :16
        ]


OTHER = Key()


class Limits(NamedTuple):
    """At most so many open meta-issues, and so many lines in a checklist."""

    issues: int = 15
    items: int = 100


class Known(NamedTuple):
    """What the forge holds: where each item lives (by the first 8 digits of its fingerprint), which
    meta-issues there are with which codes, and which of those are open or dismissed by a person."""

    homes: Mapping[str, Key]
    codes: Mapping[Key, frozenset[str]]
    open: frozenset[Key] = frozenset()
    dismissed: frozenset[Key] = frozenset()


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
    ``limits.issues`` allows; one place is kept for `OTHER`, which takes the least severe and smallest rest.
    """
    groups: Groups = {}
    fresh: dict[str, list[Item]] = {}
    for item in items:
        key, why = _home(item, known)
        if key is None:
            fresh.setdefault(item.code, []).append(item)
        else:
            groups.setdefault(key, []).append(Placed(item, why))
    taken = (known.open | groups.keys()) - known.dismissed - {OTHER}
    _place_fresh(fresh, max(0, limits.issues - 1 - len(taken)), limits, groups)
    return groups


def by_severity(group: Iterable[Item]) -> tuple[int, int]:
    """The order of meta-issues: the worst inside, then the number of items."""
    ranks = [SEVERITIES[item.severity] for item in group]
    return (min(ranks), -len(ranks))


def _home(item: Item, known: Known) -> tuple[Key | None, str]:
    home = known.homes.get(item.fingerprint[:8])
    if home is not None and item.code in known.codes[home]:
        return home, "it is on this checklist already, and stays where it is"
    for folder in _folders(item.path):
        if (key := Key(item.code, folder)) in known.codes:
            return key, f"new in {folder}/, which has a meta-issue for {item.code}"
    if (key := Key(item.code)) in known.codes:
        return key, f"new, and {item.code} has a meta-issue"
    if item.code in known.codes.get(OTHER, ()):
        return OTHER, f"new, and what else {item.code} found is among the other findings"
    return None, ""


def _place_fresh(fresh: Mapping[str, list[Item]], room: int, limits: Limits, groups: Groups) -> None:
    ranked = sorted(fresh, key=lambda code: (*by_severity(fresh[code]), code))
    named, others = ranked[:room], ranked[room:]
    for position, code in enumerate(named, 1):
        why = f"{code} found {len(fresh[code])} (place {position} by severity, then size)"
        groups[Key(code)] = [Placed(item, why) for item in fresh[code]]
    room -= len(named)
    for code in named:
        room = _split(code, room, limits.items, groups)
    for code in others:
        why = (
            f"{code} has no place of its own: of at most {limits.issues}, worse or larger rules have the rest"
        )
        groups.setdefault(OTHER, []).extend(Placed(item, why) for item in fresh[code])


def _split(code: str, room: int, cap: int, groups: Groups) -> int:
    """Take the largest folders out of a rule with more than ``cap`` items; how much room is left."""
    rest = groups[Key(code)]
    total = len(rest)
    folders = Counter(_top_folders([placed.item.path for placed in rest]))
    for folder, size in sorted(folders.items(), key=lambda pair: (-pair[1], pair[0])):
        if len(rest) <= cap or not room or size * 10 < cap:
            break
        if not folder:
            continue
        why = (
            f"{code} found {total}, over {cap} for one checklist, so folders stand alone: {size} in {folder}/"
        )
        inside = [placed.item for placed in rest if placed.item.path.startswith(folder + "/")]
        groups[Key(code, folder)] = [Placed(item, why) for item in inside]
        rest = [placed for placed in rest if not placed.item.path.startswith(folder + "/")]
        room -= 1
    if rest:
        groups[Key(code)] = rest
    else:
        del groups[Key(code)]
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
