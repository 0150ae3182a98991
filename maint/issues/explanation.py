"""Why an item is where it is, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from maint.forge.protocol import Issue
from maint.issues.decision import Context, is_dismissed
from maint.issues.grouping import Key, Limits, Placed
from maint.issues.item import Item
from maint.issues.judgement import judgement_of
from maint.issues.plan import placed, told_apart
from maint.issues.wording import title
from maint.report.cells import counted, printable, shorten
from maint.report.documents import FindingsDocument


def explained(
    documents: Sequence[FindingsDocument],
    issues: Sequence[Issue],
    today: str,
    limits: Limits,
    wanted: str = "",
) -> Iterator[str]:
    """Lines for every item whose place, title, members or fingerprint hold ``wanted``, by meta-issue."""
    originals, _ = told_apart(issues)
    context = Context(judgement_of(documents), today, lambda path, line, commit: "", limits.items)
    groups, _ = placed(documents, originals, context, limits)
    for key, inside in groups.items():
        matching = [one for one in inside if _matches(one.item, wanted)]
        issue = originals.get(key.fingerprint)
        if matching:
            yield _heading(key, inside, issue)
        for one in matching:
            yield from _reasons(one)
            if issue is not None and is_dismissed(issue):
                reason = issue.reason.replace("_", " ")
                yield f"      silenced: {printable(issue.shown)} was closed as {printable(reason)}"


def _heading(key: Key, inside: Sequence[Placed], issue: Issue | None) -> str:
    items = [one.item for one in inside]
    name = f"{issue.shown} {issue.title}" if issue else f"(new) {title(key, items)}"
    return f"{printable(name)}: {counted(len(items), 'item')}, worst {items[0].severity}"


def _reasons(one: Placed) -> Iterator[str]:
    item = one.item
    subject = printable(" ".join(filter(None, (item.place, item.code, item.title))))
    yield f"  {item.fingerprint}  {item.severity}  {shorten(subject, 120)}"
    yield f"      here since: {printable(one.why)}"
    if item.cause is not None:
        frame = f" in {item.cause.function} of {item.cause.path}" if item.cause.path else ""
        cause = f"{item.cause.exception}{frame}, {item.cause.message or 'no message'}"
        yield f"      one cause for {counted(len(item.members), 'test')}: {shorten(printable(cause), 140)}"


def _matches(item: Item, wanted: str) -> bool:
    texts = (item.fingerprint, item.place, item.title, item.path, item.code, *item.members)
    shown = (form.casefold() for text in texts for form in (text, printable(text)))
    return any(wanted.casefold() in form for form in shown)
