"""Meta-issues on GitHub or GitHub Enterprise.

A write is never repeated blindly. Where its answer got lost, or a limit of rate turned it away, the issue is
read again: what took effect is not sent again, what a person changed meanwhile is not overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import quote

from maint.errors import ForgeError
from maint.forge.conflict import as_compared, has, refuse_changed
from maint.forge.github_clock import Clock, Pace, RealClock
from maint.forge.github_http import TIMEOUT_S, GitHubHttp, Unanswered
from maint.forge.github_refusals import shown
from maint.forge.github_replies import Comment, IssueReply, Label
from maint.forge.github_settings import Settings, settings
from maint.forge.marker import fingerprint_of
from maint.forge.protocol import Change, Issue

# A write that timed out may still be under way; it is looked for twice before it is sent again.
SETTLE_S = (2.0, 5.0)
WRITE_ATTEMPTS = 3
_OVERLAP = timedelta(minutes=2)
_LABEL_COLOUR = "ededed"
_T = TypeVar("_T")


def connect(repository: str | None, environment: Mapping[str, str]) -> GitHubForge:
    """The forge for ``repository`` (``owner/name``; None: GITHUB_REPOSITORY), as the environment says.

    Raises ForgeError without a token or a usable address; nothing is sent yet.
    """
    return GitHubForge(settings(repository, environment), RealClock())


class GitHubForge:
    """``maint.forge.protocol.Forge`` over the REST API. One instance serves one run, in one thread."""

    def __init__(self, settings: Settings, clock: Clock, timeout: float = TIMEOUT_S) -> None:
        self._settings = settings
        self._http = GitHubHttp(settings, Pace(clock), timeout)
        self._known: dict[int, Issue] = {}
        self._listed_until = ""
        self._labels: set[str] = set()

    def __repr__(self) -> str:
        return f"GitHubForge({self._settings.repository!r})"

    def managed(self) -> Sequence[Issue]:
        """Every marked issue, by number.

        Neither the search, which lags behind, nor a label, which a person may remove, nor the creator, which
        differs from token to token, can be relied on to find them: all issues are listed, 100 a request.
        Asked again, only what changed since is listed. Pull requests are skipped, and so is what somebody
        without any part in the repository opened: a marker is easily copied.
        """
        asked = {"state": "all", "sort": "created", "direction": "asc"}
        if self._listed_until:
            asked["since"] = _earlier(self._listed_until)
        for reply in self._http.pages("/issues", list[IssueReply], asked):
            self._listed_until = max(self._listed_until, reply.updated_at)
            self._remember(reply)
        return [
            self._known[number] for number in sorted(self._known) if fingerprint_of(self._known[number].body)
        ]

    def read(self, number: int) -> Issue:
        """One issue, read anew."""
        reply = self._http.find(f"/issues/{number}", IssueReply)
        if reply is None or reply.number != number:
            self._known.pop(number, None)
            raise ForgeError(
                f"issue {number} of {self._settings.repository}: not found; it was deleted or moved, "
                "or the token lost its permission `issues: read`: run again"
            )
        return self._remember(reply)

    def create(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        """A new issue; where one bears this marker by now, another reporter's or of an attempt whose answer
        got lost, that one."""

        def marked() -> Issue | None:
            fingerprint = fingerprint_of(body)
            return next((one for one in self.managed() if fingerprint_of(one.body) == fingerprint), None)

        for label in labels:
            self._ensure_label(label)
        data = {"title": title, "body": body, "labels": list(labels)}
        return marked() or self._settled(
            lambda: self._remember(self._http.write("POST", "/issues", data, IssueReply)),
            marked,
            f"creating issue '{shown(title)}'",
        )

    def edit(self, number: int, change: Change) -> Issue:
        """Change one issue.

        Raises ForgeError where what is to change is no longer as this forge last gave it: GitHub has no
        conditional write, so the issue is read again right before, and after a lost answer.
        """
        before = self._known.get(number) or self.read(number)
        data = _patch(change)

        def landed() -> Issue | None:
            now = self.read(number)
            return now if has(now, change) else None

        def send() -> Issue:
            self._http.pace.before_write()
            refuse_changed(self.read(number), before, change)
            return self._remember(self._http.write("PATCH", f"/issues/{number}", data, IssueReply))

        return self._settled(send, landed, f"editing issue {number}")

    def comment(self, number: int, text: str) -> None:
        """Add a comment, unless one with the same first line is there."""
        if self._comment_like(number, text) is None:
            self._settled(
                lambda: self._http.write("POST", f"/issues/{number}/comments", {"body": text}, Comment),
                lambda: self._comment_like(number, text),
                f"commenting on {number}",
            )

    def keep_comment(self, number: int, text: str) -> None:
        """Have one comment with this first line on an issue or pull request, and let it say ``text``."""
        there = self._comment_like(number, text)
        if there is None:
            self.comment(number, text)
        elif as_compared(there.body) != as_compared(text):
            path = f"/issues/comments/{there.id}"
            self._settled(
                lambda: self._http.write("PATCH", path, {"body": text}, Comment),
                lambda: self._comment_like(number, text, whole=True),
                f"editing the comment on {number}",
            )

    def _comment_like(self, number: int, text: str, *, whole: bool = False) -> Comment | None:
        comparable = as_compared if whole else _first_line
        comments = self._http.pages(f"/issues/{number}/comments", list[Comment], {})
        alike = (one for one in comments if comparable(one.body) == comparable(text))
        return next((one for one in alike if not one.foreign), None)

    def link(self, path: str, line: int | None, commit: str) -> str:
        """Where a line of a file can be read at ``commit``; empty without a commit or outside the project."""
        if not commit or not path or path.startswith("/") or ".." in path.split("/"):
            return ""
        place = f"{self._settings.server}/{self._settings.repository}/blob/{quote(commit, safe='')}/"
        return place + quote(path, errors="surrogateescape") + (f"#L{line}" if line else "")

    def _ensure_label(self, name: str) -> None:
        if name in self._labels:
            return
        path = f"/labels/{quote(name, safe='')}"
        if self._http.find(path, Label) is None:
            self._settled(
                lambda: self._new_label(name, path),
                lambda: self._http.find(path, Label),
                f"creating label '{shown(name)}'",
            )
        self._labels.add(name)

    def _new_label(self, name: str, path: str) -> Label:
        data = {"name": name, "color": _LABEL_COLOUR, "description": "kept up to date by maint"}
        try:
            return self._http.write("POST", "/labels", data, Label)
        except ForgeError:
            # 422 when somebody else was faster
            found = self._http.find(path, Label)
            if found is None:
                raise
            return found

    def _settled(self, send: Callable[[], _T], landed: Callable[[], _T | None], doing: str) -> _T:
        """Send a write; where its outcome is not known, look for it before it is sent again."""
        why = ""
        for _ in range(WRITE_ATTEMPTS):
            try:
                return send()
            except Unanswered as error:
                why = error.why
                for pause in (error.wait,) if error.wait else SETTLE_S:
                    self._http.pace.wait(pause, why)
                    found = landed()
                    if found is not None:
                        return found
        raise ForgeError(
            f"{doing}: {why}, {WRITE_ATTEMPTS} times, and nothing of it is there; run again later"
        )

    def _remember(self, reply: IssueReply) -> Issue:
        issue = reply.issue()
        if reply.pull_request is None and not reply.foreign:
            self._known[issue.number] = issue
        return issue


def _earlier(stamp: str) -> str:
    """Return a moment before ``stamp``: a list read from a replica may lag."""
    moment = datetime.fromisoformat(stamp) - _OVERLAP
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _patch(change: Change) -> dict[str, str]:
    data = {"title": change.title, "body": change.body, "state": change.state, "state_reason": change.reason}
    return {key: value for key, value in data.items() if value is not None and value != ""}


def _first_line(text: str) -> str:
    return as_compared(text).partition("\n")[0].rstrip()
