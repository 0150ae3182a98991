"""What is to become of one meta-issue after a run: pure, so that it is asked again right before a write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from maint.forge.protocol import COMPLETED, Change, Issue, State
from maint.issues.body import NEW, Body, read
from maint.issues.grouping import OTHER, Key
from maint.issues.item import Item
from maint.issues.judgement import Judgement
from maint.issues.record import Record
from maint.issues.settle import Settled, settle
from maint.issues.wording import Link, block, notes, text
from maint.report.gfm import code

# GitHub refuses a body over 65,536 characters; the rest is left to people's text and to how it counts.
BODY_LIMIT = 64_000
_SHARES = (1.0, 0.75, 0.5, 0.3, 0.15, 0.05, 0.01)


class Context(NamedTuple):
    """What is the same for every meta-issue of a run; ``today`` is ``YYYY-MM-DD``."""

    judgement: Judgement
    today: str
    link: Link
    listed: int = 100


Kind = Literal["create", "edit", "close", "reopen", "duplicate", "leave"]


class Decision(NamedTuple):
    """What to do and why; ``comment`` is written first, then ``change``."""

    kind: Kind
    reasons: tuple[str, ...]
    change: Change | None = None
    comment: str = ""


class _Case(NamedTuple):
    """One meta-issue before a run, and what the run found for it."""

    body: Body
    old: Record
    key: Key
    items: Sequence[Item]
    context: Context

    def settled(self, listed: int) -> Settled:
        context = self.context
        return settle(self.old, self.body.ticks, self.items, context.judgement, context.today, listed)


def new_body(key: Key, items: Sequence[Item], context: Context) -> str:
    """The body of a new meta-issue."""
    case = _Case(NEW, Record(code=key.code, folder=key.folder), key, items, context)
    body = _rewritten(case)
    assert body is not None, "a list without people's text around it can always be cut to fit"
    return body


def decide(issue: Issue, key: Key, items: Sequence[Item], context: Context) -> Decision:
    """What a run that found ``items`` for ``issue``, which is about ``key``, does to it."""
    if is_dismissed(issue):
        return Decision("leave", (f"closed by hand as {issue.reason.replace('_', ' ')}",))
    body = read(issue.body)
    old = body.record or Record(code=key.code, folder=key.folder)
    if not items and not any(map(context.judgement.guardrails, {*old.codes(), key.code})):
        return Decision("leave", ("no run looked at what it is about",))
    case = _Case(body, old, key, items, context)
    return (_decide_open if issue.state == "open" else _decide_closed)(case, case.settled(context.listed))


def is_dismissed(issue: Issue) -> bool:
    """True when a person closed it for another reason than that it is done: it stays closed."""
    return issue.state == "closed" and issue.reason not in (COMPLETED, "")


def _decide_open(case: _Case, settled: Settled) -> Decision:
    record, changes = settled
    if _all_fixed(record) and any(map(case.context.judgement.complete, record.codes())):
        if case.old.closed and not changes:
            return Decision("leave", ("all items are fixed, and a person opened it again",))
        reasons = (*changes, "all items are fixed")
        closings = case.old.closings + 1
        body = _rewritten(case, closed=case.context.today, closings=closings)
        comment = _closing_comment(record, closings, case.context.judgement.commit)
        return _write("close", reasons, body, state="closed", reason=COMPLETED, comment=comment)
    if not changes:
        return Decision("leave", ("nothing changed",))
    return _write("edit", changes, _rewritten(case, closed=""))


def _decide_closed(case: _Case, settled: Settled) -> Decision:
    if case.items:
        reasons = (*settled.changes, "closed as completed, and not all of it is fixed")
        return _write("reopen", reasons, _rewritten(case, closed=""), state="open")
    if not settled.changes:
        return Decision("leave", ("closed, and nothing came back",))
    return _write("edit", settled.changes, _rewritten(case))


def _write(
    kind: Kind,
    reasons: tuple[str, ...],
    body: str | None,
    *,
    state: State | None = None,
    reason: str | None = None,
    comment: str = "",
) -> Decision:
    if body is None:
        return Decision("leave", ("the text around the managed block leaves no room for it; shorten that",))
    return Decision(kind, reasons, Change(body=body, state=state, reason=reason), comment)


def _rewritten(case: _Case, **marks: Any) -> str | None:
    """The new body with as many lines as fit; None when people's text leaves room for none."""
    for share in _SHARES:
        record = case.settled(max(1, int(case.context.listed * share))).record
        body = case.body.around(block(_annotated(case, record, marks), _texts(case, record)))
        if len(body) <= BODY_LIMIT:
            return body
    return None


def _annotated(case: _Case, record: Record, marks: dict[str, Any]) -> Record:
    """``record`` with what the body says of its rules, how to run them, and where links lead."""
    judgement = case.context.judgement
    known = {**record.rules, **notes(case.items)}
    commands = dict(record.commands)
    for guardrail in frozenset().union(*map(judgement.guardrails, record.codes())):
        command = judgement.commands.get(guardrail, "")
        if command and not (guardrail in judgement.partial and guardrail in commands):
            commands[guardrail] = command
    return msgspec.structs.replace(
        record,
        rules={name: note for name, note in known.items() if name in record.codes()},
        commands=commands,
        commit=judgement.commit or record.commit,
        **marks,
    )


def _texts(case: _Case, record: Record) -> dict[str, str]:
    """The text of every listed item: anew where this run found it, else as it stands."""
    found = {item.fingerprint: item for item in case.items if item.fingerprint in record.items}
    commit = case.context.judgement.commit
    return {
        fingerprint: text(found[fingerprint], commit, case.context.link, with_code=case.key == OTHER)
        if fingerprint in found
        else case.body.texts.get(fingerprint) or code(item.place)
        for fingerprint, item in record.items.items()
    }


def _all_fixed(record: Record) -> bool:
    return bool(record.items or record.gone) and not record.still_open() and not record.hidden()


def _closing_comment(record: Record, closings: int, commit: str) -> str:
    number = record.gone + len(record.items)
    where = f" at {code(commit, 40)}" if commit else ""
    return (
        f"<!-- maint:closed {record.key.fingerprint} {closings} -->\n"
        f"All items are fixed{where} ({number} in all). Should one come back, this issue is opened again."
    )
