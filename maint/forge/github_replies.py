"""What GitHub answers: the parts of its JSON that are used, and which refusals are limits of rate.

Fields are those of GitHub's OpenAPI description; the tests hold every request and reply against it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec

from maint.forge.protocol import Issue

# GitHub: "wait for at least one minute before retrying" when a secondary limit comes without a time.
SECONDARY_WAIT_S = 60.0
_NEXT = re.compile(r'<([^>]+)>;\s*rel="next"')
_SECONDARY = re.compile(r"secondary rate limit|abuse detection|rate limit exceeded", re.IGNORECASE)
_OUTSIDERS = frozenset({"NONE", "FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR", "MANNEQUIN"})
_T = TypeVar("_T")


class Reply(NamedTuple):
    """One answer; names of headers are lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    def decoded(self, kind: type[_T]) -> _T:
        """Return the body as ``kind``; msgspec.MsgspecError when it is cut short or something else."""
        return msgspec.json.decode(self.text.encode("utf-8", "backslashreplace"), type=kind)

    @property
    def message(self) -> str:
        """What GitHub says went wrong; empty where it says nothing."""
        try:
            return self.decoded(Refusal).message
        except msgspec.MsgspecError:
            return ""

    @property
    def next_page(self) -> str:
        """Where the list goes on, by cursor or page number; empty at its end."""
        found = _NEXT.search(self.headers.get("link", ""))
        return found[1] if found else ""

    def limited(self, now: float) -> float | None:
        """Return the seconds to wait where a limit of rate, primary or secondary, refused the request.

        Source: "Rate limits for the REST API", in the order in which it names the headers.
        """
        if self.status not in (403, 429):
            return None
        after = self.headers.get("retry-after", "")
        if after.isdigit():
            return float(after)
        reset = self.headers.get("x-ratelimit-reset", "")
        if self.headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
            return max(0.0, int(reset) - now) + 1.0  # it is not known when within that second
        if self.status == 429 or _SECONDARY.search(self.message):
            return SECONDARY_WAIT_S
        return None


class Refusal(msgspec.Struct):
    """The body of a status of 400 and above."""

    message: str = ""


class Account(msgspec.Struct):
    """Who did something."""

    login: str
    type: str = "User"


class Label(msgspec.Struct):
    """A label on an issue."""

    name: str | None = None


class _Written(msgspec.Struct, kw_only=True):
    """Something somebody wrote."""

    user: Account | None = None
    author_association: str = "NONE"

    @property
    def foreign(self) -> bool:
        """Whether a person without any part in the repository wrote this.

        Such a person could copy a marker, and would then decide over what bears it.
        """
        by_person = self.user is not None and self.user.type == "User"
        return by_person and self.author_association in _OUTSIDERS


class Comment(_Written, kw_only=True):
    """A comment on an issue or pull request."""

    id: int
    body: str = ""


class IssueReply(_Written, kw_only=True):
    """An issue, or a pull request: GitHub lists both."""

    number: int
    title: str
    state: str
    html_url: str
    updated_at: str
    labels: list[str | Label]
    body: str | None = None
    state_reason: str | None = None
    assignees: list[Account] | None = None
    pull_request: Any = None

    def issue(self) -> Issue:
        """Return this as every forge gives it."""
        closed = self.state == "closed"
        return Issue(
            number=self.number,
            title=self.title,
            body=self.body or "",
            state="closed" if closed else "open",
            reason=(self.state_reason or "") if closed else "",
            labels=tuple(label if isinstance(label, str) else label.name or "" for label in self.labels),
            assignees=tuple(account.login for account in self.assignees or ()),
            url=self.html_url,
        )
