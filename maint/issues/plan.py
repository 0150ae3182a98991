"""The plan: what a run's findings would change on a forge, with the reason of each change. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from maint.forge.marker import MARKER, fingerprint_of
from maint.forge.protocol import NOT_PLANNED, Change, Issue
from maint.issues.body import read
from maint.issues.decision import Context, Decision, decide, is_dismissed, new_body
from maint.issues.grouping import OTHER, SEVERE, Groups, Key, Known, Limits, Placed, by_severity, group
from maint.issues.item import SEVERITIES, Item, items_of
from maint.issues.judgement import judgement_of
from maint.issues.record import PREFIX, Record, hidden_items
from maint.issues.wording import Link, title
from maint.report.documents import FindingsDocument


class Action(NamedTuple):
    """What is to become of one meta-issue; ``issue`` is None for one that is to be made."""

    key: Key
    title: str
    items: tuple[Item, ...]
    issue: Issue | None
    decision: Decision

    @property
    def writes(self) -> int:
        """How many writes it takes."""
        return bool(self.decision.comment) + bool(self.decision.change)


class Plan(NamedTuple):
    """Every meta-issue that the runs concern or the forge holds, most severe first; what stays comes last."""

    actions: tuple[Action, ...]
    context: Context

    @property
    def changes(self) -> tuple[Action, ...]:
        """The actions that write something, or cannot."""
        return tuple(action for action in self.actions if action.decision.kind != "leave")

    @property
    def silenced(self) -> int:
        """How many findings of these runs belong to issues that a person closed as not planned."""
        dismissed = (action for action in self.actions if action.issue and is_dismissed(action.issue))
        return sum(len(item.members) for action in dismissed for item in action.items)


def plan(
    documents: Sequence[FindingsDocument],
    issues: Sequence[Issue],
    today: str,
    link: Link,
    limits: Limits,
) -> Plan:
    """Compare what the runs found with what the forge holds; ``today`` is ``YYYY-MM-DD``."""
    context = Context(judgement_of(documents), today, link, limits.items, limits.body)
    originals, duplicates = told_apart(issues)
    groups, records = placed(documents, originals, context, limits)
    keys = {key.fingerprint: key for key in groups}
    for fingerprint, record in records.items():
        if record is not None:
            keys.setdefault(fingerprint, record.key)
    actions = [_action(key, groups.get(key, []), originals.get(name), context) for name, key in keys.items()]
    actions += [duplicate(one, originals[fingerprint_of(one.body)]) for one in duplicates]
    return Plan(tuple(sorted(actions, key=_order)), context)


def placed(
    documents: Iterable[FindingsDocument], originals: Mapping[str, Issue], context: Context, limits: Limits
) -> tuple[Groups, dict[str, Record | None]]:
    """Where every item belongs, and the memory of every meta-issue by its fingerprint."""
    records = {fingerprint: read(issue.body).record for fingerprint, issue in originals.items()}
    items = items_of(finding for document in documents for finding in document.findings)
    forge = known(originals, records)
    homes = {forge.homes.get(item.fingerprint[:PREFIX]) for item in items}
    # A meta-issue that this run closes makes room in this run: the next one would find that room and use it.
    vacated = {
        key
        for key in forge.open - homes
        if decide(originals[key.fingerprint], key, (), context).kind == "close"
    }
    return group(items, limits, forge._replace(open=forge.open - vacated)), records


def told_apart(issues: Iterable[Issue]) -> tuple[dict[str, Issue], tuple[Issue, ...]]:
    """The issues by fingerprint, and the open duplicates among them: of several, the lowest number counts."""
    originals: dict[str, Issue] = {}
    duplicates: list[Issue] = []
    for issue in sorted(issues, key=lambda issue: issue.number):
        first = originals.setdefault(fingerprint_of(issue.body), issue)
        if first is not issue and issue.state == "open":
            duplicates.append(issue)
    return originals, tuple(duplicates)


def known(originals: Mapping[str, Issue], records: Mapping[str, Record | None]) -> Known:
    """Which item lives where, as the bodies remember it."""
    homes: dict[str, Key] = {}
    codes: dict[Key, frozenset[str]] = {}
    kinds: dict[str, set[Key]] = {"open": set(), "severe": set(), "dismissed": set()}
    for name, record in records.items():
        if record is None:
            continue
        key, dismissed = record.key, is_dismissed(originals[name])
        # A dismissal is about what was there, and what is new makes a new issue; of those that were only
        # counted it cannot be told.
        everything = record.codes() | ({record.code} if record.code else frozenset())
        codes[key] = frozenset(record.untracked) if dismissed else everything
        if dismissed:
            kinds["dismissed"].add(key)
        elif originals[name].state == "open":
            kinds["open"].add(key)
        if any(not item.fixed and item.severity in SEVERE for item in record.items.values()):
            kinds["severe"].add(key)
        for fingerprint in record.items:
            homes.setdefault(fingerprint[:PREFIX], key)
        for run in record.more.values():
            homes |= {prefix: key for prefix in hidden_items(run) if prefix not in homes}
    return Known(homes, codes, *(frozenset(kinds[kind]) for kind in ("open", "severe", "dismissed")))


def duplicate(issue: Issue, original: Issue) -> Action:
    """Close an issue that is about the same as another one, and take the marker out of its text.

    With it, the issue would later stand for a decision of a person's.
    """
    fingerprint = fingerprint_of(issue.body)
    comment = f"<!-- maint:duplicate {original.number} -->\nThe same as {original.shown}, which is kept true."
    body = MARKER.sub(f"<!-- maint:duplicate {fingerprint} -->", issue.body)
    change = Change(body=body, state="closed", reason=NOT_PLANNED)
    decision = Decision("duplicate", (f"about the same as {original.shown}",), change, comment, original)
    return Action(OTHER, issue.title, (), issue, decision)


def _action(key: Key, inside: Sequence[Placed], issue: Issue | None, context: Context) -> Action:
    items = tuple(one.item for one in inside)
    if issue is not None:
        return Action(key, issue.title, items, issue, decide(issue, key, items, context))
    reasons = tuple(f"new: {item.place}: {item.title}" for item in items)
    decision = Decision("create", reasons, Change(body=new_body(key, items, context)))
    return Action(key, title(key, items), items, None, decision)


def _order(action: Action) -> tuple[bool, int, int, Key]:
    severity, size = by_severity(action.items) if action.items else (len(SEVERITIES), 0)
    return (action.decision.kind == "leave", severity, size, action.key)
