"""What is to become of one meta-issue after a run: pure, so that it is asked again right before a write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from maint.forge.protocol import COMPLETED, Change, Issue, State
from maint.issues.body import NEW, Body, read, seen
from maint.issues.grouping import Key, Limits
from maint.issues.item import Item
from maint.issues.judgement import Judgement
from maint.issues.record import Record
from maint.issues.settle import Settled, settle
from maint.issues.wording import Link, Texts, block, command, notes, tests, text
from maint.report.cells import counted
from maint.report.gfm import code

_SHARES = (1.0, 0.75, 0.5, 0.3, 0.15, 0.05, 0.01)


class Context(NamedTuple):
    """What is the same for every meta-issue of a run; ``today`` is ``YYYY-MM-DD``."""

    judgement: Judgement
    today: str
    link: Link
    listed: int = 100
    body_limit: int = Limits().body


NOT_LOOKED = "no run looked at what it is about"
BLOCKED = "the text around the managed block leaves no room for it; shorten that"

Kind = Literal["create", "edit", "close", "reopen", "duplicate", "leave", "blocked"]


class Decision(NamedTuple):
    """What to do and why; ``comment`` is written first, then ``change``. A duplicate has an ``original``."""

    kind: Kind
    reasons: tuple[str, ...]
    change: Change | None = None
    comment: str = ""
    original: Issue | None = None


class _Case(NamedTuple):
    """One meta-issue before a run, and what the run found for it."""

    body: Body
    old: Record
    key: Key
    items: Sequence[Item]
    context: Context

    def settled(self, listed: int) -> Settled:
        context = self.context
        return settle(
            self.old,
            self.body.ticks,
            self.items,
            context.judgement,
            context.today,
            listed,
            damaged=self.body.damaged,
        )


def new_body(key: Key, items: Sequence[Item], context: Context) -> str:
    """The body of a new meta-issue."""
    case = _Case(NEW, seen(key, {}), key, items, context)
    body = _rewritten(case)
    assert body is not None, "a list without people's text around it can always be cut to fit"
    return body


def decide(issue: Issue, key: Key, items: Sequence[Item], context: Context) -> Decision:
    """What a run that found ``items`` for ``issue``, which is about ``key``, does to it."""
    if is_dismissed(issue):
        return Decision("leave", (f"closed by hand as {issue.reason.replace('_', ' ')}",))
    body = read(issue.body)
    old = body.record or seen(key, body.texts)
    if not items and not any(map(context.judgement.guardrails, {*old.codes(), key.code})):
        return Decision("leave", (NOT_LOOKED,))
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
        comment = _closing_comment(record, closings, case.context.judgement)
        return _write("close", reasons, body, state="closed", reason=COMPLETED, comment=comment)
    if not changes:
        return Decision("leave", ("nothing changed",))
    return _write("edit", changes, _rewritten(case, closed=""))


def _decide_closed(case: _Case, settled: Settled) -> Decision:
    if case.items:
        found = counted(len(case.items), "item")
        reasons = (
            *settled.changes,
            f"was closed, but {found} {'is' if found == '1 item' else 'are'} still found",
        )
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
        return Decision("blocked", (BLOCKED,))
    return Decision(kind, reasons, Change(body=body, state=state, reason=reason), comment)


def _rewritten(case: _Case, **marks: Any) -> str | None:
    """The new body with as many lines as fit; None when people's text leaves room for none."""
    for share in _SHARES:
        record = case.settled(max(1, int(case.context.listed * share))).record
        limit = case.context.body_limit
        around = len(case.body.around(""))
        written = block(_annotated(case, record, marks), _texts(case, record), limit - around)
        if len(written) + around <= limit:
            return case.body.around(written)
    return None


def _annotated(case: _Case, record: Record, marks: dict[str, Any]) -> Record:
    """``record`` with what the body says of its rules, how to run them, and where links lead."""
    judgement = case.context.judgement
    known = {**record.rules, **notes(case.items)}
    commands = dict(record.commands)
    for guardrail in frozenset().union(*map(judgement.guardrails, record.codes())):
        said = judgement.commands.get(guardrail, "")
        if said and not (guardrail in judgement.partial and guardrail in commands):
            commands[guardrail] = said
    return msgspec.structs.replace(
        record,
        rules={name: note for name, note in known.items() if name in record.codes()},
        commands=commands,
        commit=judgement.commit or record.commit,
        **marks,
    )


def _texts(case: _Case, record: Record) -> Texts:
    """The text of every listed item: anew where this run found it, else as it stands."""
    found = {item.fingerprint: item for item in case.items if item.fingerprint in record.items}
    commit, written = case.context.judgement.commit, Texts({}, {}, {})
    for fingerprint, record_item in record.items.items():
        item = found.get(fingerprint)
        if item is None:
            written.lines[fingerprint] = case.body.texts.get(fingerprint) or code(
                record_item.place, table=False
            )
            written.tests[fingerprint] = case.body.tests.get(fingerprint, [])
            written.runs[fingerprint] = case.body.runs.get(fingerprint, "")
        else:
            line = text(item, commit, case.context.link, with_code=case.key.is_other)
            written.lines[fingerprint] = line
            written.tests[fingerprint] = tests(item)
            written.runs[fingerprint] = command(item)
    return written


def _all_fixed(record: Record) -> bool:
    return bool(record.items or record.gone) and not record.still_open() and not record.hidden()


def _closing_comment(record: Record, closings: int, judgement: Judgement) -> str:
    number = record.gone + len(record.items)
    # With changes that were not committed, what was looked at is not what the commit holds.
    where = f" at {code(judgement.commit, 40)}" if judgement.commit and not judgement.dirty else ""
    return (
        f"<!-- maint:closed {record.key.fingerprint} {closings} -->\n"
        f"All items are fixed{where} ({number} in all). Should one come back, this issue is opened again."
    )
