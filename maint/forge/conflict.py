"""Whether somebody else changed an issue between reading and writing it."""

from __future__ import annotations

from maint.errors import ForgeError
from maint.forge.protocol import Change, Issue


def has(issue: Issue, change: Change) -> bool:
    """Whether ``issue`` is as ``change`` wants it."""
    return all(as_compared(value) == as_compared(now) for value, now in _fields(issue, change))


def refuse_changed(now: Issue, before: Issue, change: Change) -> None:
    """Raise ForgeError where what ``change`` sets is no longer as it was ``before``."""
    held, known = ([as_compared(value) for _, value in _fields(issue, change)] for issue in (now, before))
    if held != known:
        raise changed_meanwhile(now)


def changed_meanwhile(issue: Issue) -> ForgeError:
    """The sentence for it."""
    return ForgeError(f"{issue.name or f'issue {issue.number}'}: changed meanwhile; run again")


def as_compared(text: str) -> str:
    """Return ``text`` as it compares: the web page sends CRLF, and blanks around it are dropped."""
    return text.replace("\r\n", "\n").strip()


def _fields(issue: Issue, change: Change) -> list[tuple[str, str]]:
    """Return what ``change`` sets, each with what ``issue`` has."""
    pairs = (
        (change.title, issue.title),
        (change.body, issue.body),
        (change.state, issue.state),
        (change.reason, issue.reason),
    )
    return [(wanted, now) for wanted, now in pairs if wanted]
