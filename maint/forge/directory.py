"""Meta-issues as Markdown files in a folder: needs no account, and can be committed and read anywhere."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from maint.errors import ForgeError, MaintError
from maint.forge.front_matter import Page, read_page
from maint.forge.marker import fingerprint_of
from maint.forge.protocol import Change, Issue, State
from maint.report.atomic import unwritable, write_bytes

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

    def managed(self) -> Sequence[Issue]:
        """Every marked file."""
        issues = (self._issue(path, self._page(path)) for path in self._files())
        return sorted(
            (issue for issue in issues if fingerprint_of(issue.body)), key=lambda issue: issue.number
        )

    def read(self, number: int) -> Issue:
        """One file, read anew."""
        path = self._path(number)
        return self._issue(path, self._page(path))

    def create(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        """A new file, or the one that bears the marker already; the name makes two at once impossible."""
        fingerprint = fingerprint_of(body)
        for issue in self.managed():
            if fingerprint_of(issue.body) == fingerprint:
                return issue
        slug = _NO_NAME.sub("-", title.lower()).strip("-")[:_NAME_KEPT].strip("-")
        path = self._folder / f"{slug}-{fingerprint[:8]}.md"
        matter = {"title": title, "state": "open", "labels": list(labels)}
        _put_new(path, _encoded(Page((), body).with_values(matter)))
        return self._issue(path, self._page(path))

    def edit(self, number: int, change: Change) -> Issue:
        """Write one file anew; what people added to its front matter stays."""
        path = self._path(number)
        page = self._page(path)
        values: dict[str, object] = {}
        if change.title is not None:
            values["title"] = change.title
        if change.state is not None:
            values |= {"state": change.state, "reason": change.reason if change.state == "closed" else ""}
        edited = page.with_values(values)
        if change.body is not None:
            edited = edited._replace(body=change.body)
        if edited != page:
            _write(path, edited)
        return self._issue(path, edited)

    def comment(self, number: int, text: str) -> None:
        """Add ``text`` at the end of the file, below the body."""
        path = self._path(number)
        page = self._page(path)
        commented = page.with_comment(text)
        if commented != page:
            _write(path, commented)

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
        try:
            return read_page(path.read_bytes().decode("utf-8"))
        except OSError as error:
            raise ForgeError(_unreadable(path, error)) from error
        except UnicodeDecodeError as error:
            raise ForgeError(f"{path}: not UTF-8 at byte {error.start}; save the file as UTF-8") from None

    def _issue(self, path: Path, page: Page) -> Issue:
        state = _state(path, page.value("state"))
        reason, labels, title = page.value("reason"), page.value("labels"), page.value("title")
        return Issue(
            number=_number(path),
            title=title if isinstance(title, str) else "",
            body=page.body,
            state=state,
            reason=reason.replace(" ", "_") if isinstance(reason, str) and state == "closed" else "",
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


def _write(path: Path, page: Page) -> None:
    try:
        write_bytes(path, _encoded(page))
    except MaintError as error:
        raise ForgeError(str(error)) from error


def _put_new(path: Path, content: bytes) -> None:
    """Write a file whole, unless there is one: of two reporters at once, the first makes it."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(content)
            with contextlib.suppress(FileExistsError):
                os.link(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise ForgeError(unwritable(path, error)) from error


def _encoded(page: Page) -> bytes:
    return page.text().encode("utf-8", "backslashreplace")


def _unreadable(path: Path, error: OSError) -> str:
    return f"{path}: cannot be read ({(error.strerror or str(error)).lower()}); check its permissions"
