"""Meta-issues as Markdown files in a folder: needs no account, and can be committed and read anywhere."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from maint.errors import ForgeError, MaintError
from maint.forge.conflict import changed_meanwhile, refuse_changed
from maint.forge.folder_lock import locked
from maint.forge.front_matter import Page, Unreadable, read_page
from maint.forge.marker import fingerprint_of
from maint.forge.protocol import Change, Issue, State
from maint.report.atomic import create_bytes, replace_bytes, sweep

_NO_NAME = re.compile(r"[^a-z0-9]+")
_NAME_KEPT = 60


class DirectoryForge:
    """``maint.forge.protocol.Forge`` over ``folder``; links lead to files below ``root``.

    A file's name comes from its title and fingerprint when it is made, and stays. People edit the front
    matter (``state``, ``reason``, ``labels``) and the text; renaming a file is fine. A number stands for a
    name, and is of no use to people.
    """

    def __init__(self, folder: Path, root: Path) -> None:
        self._folder = folder
        self._root = root
        self._known: dict[int, Issue] = {}
        self._swept = False

    def managed(self) -> Sequence[Issue]:
        """Every marked file."""
        issues = (self._issue(path, self._page(path)) for path in self._files())
        found = sorted(
            (issue for issue in issues if fingerprint_of(issue.body)), key=lambda issue: issue.number
        )
        self._known |= {issue.number: issue for issue in found}
        return found

    def read(self, number: int) -> Issue:
        """One file, read anew."""
        path = self._path(number)
        issue = self._known[number] = self._issue(path, self._page(path))
        return issue

    def create(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        """A new file, or the one that bears the marker already; the name makes two at once impossible."""
        fingerprint = fingerprint_of(body)
        for issue in self.managed():
            if fingerprint_of(issue.body) == fingerprint:
                return issue
        slug = _NO_NAME.sub("-", title.lower()).strip("-")[:_NAME_KEPT].strip("-")
        path = self._folder / f"{slug}-{fingerprint[:8]}.md"
        matter = {"title": title, "state": "open", "labels": list(labels)}
        self._sweep()
        try:
            create_bytes(path, _encoded(Page((), body).with_values(matter)))
        except MaintError as error:
            raise ForgeError(str(error)) from error
        return self.read(_number(path))

    def edit(self, number: int, change: Change) -> Issue:
        """Write one file anew; what people added to its front matter stays.

        Raises ForgeError where what is to change is no longer as this forge last gave it.
        """
        before = self._known.get(number) or self.read(number)
        with locked(self._folder):
            path = self._path(number)
            content = _content(path)
            page = _page(path, content)
            refuse_changed(self._issue(path, page), before, change)
            edited = _edited(page, change)
            self._put(path, page, content, edited)
        issue = self._known[number] = self._issue(path, edited)
        return issue

    def comment(self, number: int, text: str) -> None:
        """Add ``text`` at the end of the file, below the body."""
        with locked(self._folder):
            path = self._path(number)
            content = _content(path)
            page = _page(path, content)
            self._put(path, page, content, page.with_comment(text))

    def link(self, path: str, line: int | None, commit: str) -> str:
        """The way from the folder to the file as it is now: a commit's version has no place here."""
        folder, root = self._folder.resolve(), self._root.resolve()
        if not folder.is_relative_to(root):
            return ""
        up = "/".join([".."] * len(folder.relative_to(root).parts))
        target = quote(path.encode("utf-8", "surrogateescape"))
        return f"{up}/{target}".lstrip("/") + (f"#L{line}" if line else "")

    def _files(self) -> Iterator[Path]:
        try:
            paths = sorted(self._folder.iterdir())
        except FileNotFoundError:
            return
        except OSError as error:
            raise ForgeError(_unreadable(self._folder, error)) from error
        yield from (path for path in paths if path.suffix == ".md" and not path.name.startswith("."))

    def _path(self, number: int) -> Path:
        for path in self._files():
            if _number(path) == number:
                return path
        raise ForgeError(f"{self._folder}: the file of issue {number} is gone; run the plan again")

    def _page(self, path: Path) -> Page:
        return _page(path, _content(path))

    def _put(self, path: Path, page: Page, content: bytes, edited: Page) -> None:
        """Write ``edited`` over ``page``, which was read from ``content``."""
        if edited == page:
            return
        self._sweep()
        try:
            done = replace_bytes(path, content, _encoded(edited))
        except MaintError as error:
            raise ForgeError(str(error)) from error
        if not done:
            raise changed_meanwhile(self._issue(path, page))

    def _sweep(self) -> None:
        if not self._swept:
            sweep(self._folder)
            self._swept = True

    def _issue(self, path: Path, page: Page) -> Issue:
        state = _state(path, page.value("state"))
        reason, labels, title = page.value("reason"), page.value("labels"), page.value("title")
        return Issue(
            number=_number(path),
            title=title if isinstance(title, str) else "",
            body=page.body,
            state=state,
            reason=_reason(reason) if isinstance(reason, str) and state == "closed" else "",
            labels=tuple(map(str, labels)) if isinstance(labels, list) else (),
            url=path.as_posix(),
            name=path.name,
        )


def _number(path: Path) -> int:
    return int.from_bytes(hashlib.sha256(os.fsencode(path.name)).digest()[:6])


def _state(path: Path, value: object) -> State:
    match value.lower() if isinstance(value, str) else value:
        case "open" | None:
            return "open"
        case "closed":
            return "closed"
    raise ForgeError(f'{path}: state is {value!r}; write "open" or "closed"')


def _reason(written: str) -> str:
    return re.sub(r"[ -]+", "_", written.strip().lower())


def _edited(page: Page, change: Change) -> Page:
    values: dict[str, object] = {}
    if change.title is not None:
        values["title"] = change.title
    if change.state is not None:
        values |= {"state": change.state, "reason": change.reason if change.state == "closed" else ""}
    edited = page.with_values(values)
    return edited if change.body is None else edited._replace(body=change.body)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ForgeError(_unreadable(path, error)) from error


def _page(path: Path, content: bytes) -> Page:
    # Some editors put a byte order mark at the beginning.
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ForgeError(f"{path}: not UTF-8 at byte {error.start}; save the file as UTF-8") from None
    try:
        return read_page(text)
    except Unreadable as error:
        if not fingerprint_of(text):  # somebody else's file
            return Page((), text)
        raise ForgeError(f"{path}:{error.line}: {error}") from None


def _encoded(page: Page) -> bytes:
    return page.text().encode("utf-8", "backslashreplace")


def _unreadable(path: Path, error: OSError) -> str:
    return f"{path}: cannot be read ({(error.strerror or str(error)).lower()}); check its permissions"
