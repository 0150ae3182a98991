"""Real git repositories, and a forge in memory, for the core's tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest

from maint.errors import ForgeError
from maint.forge.conflict import refuse_changed
from maint.forge.marker import fingerprint_of
from maint.forge.protocol import Change, Issue


class Checkout:
    """A git repository that a test writes and commits to."""

    def __init__(self, top: Path) -> None:
        self.top = top
        top.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        """Run git in the repository and return what it printed."""
        argv = ["git", "-c", "protocol.file.allow=always", *arguments]
        done = subprocess.run(argv, cwd=self.top, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def write(self, files: Mapping[str, str]) -> None:
        """Write ``files``, path to text, without committing."""
        for name, text in files.items():
            path = self.top / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def commit(self, files: Mapping[str, str]) -> str:
        """Write ``files``, commit all there is and return the hash."""
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "change")
        return self.git("rev-parse", "HEAD")


MakeCheckout = Callable[[str], Checkout]


@pytest.fixture
def make_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeCheckout:
    """Makes an empty repository below the test's folder; git reads no configuration of the user's."""
    settings = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.org",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GITHUB_BASE_REF", raising=False)
    return lambda name: Checkout(tmp_path / name)


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Checkout:
    """One repository, its path with a space and an umlaut, without a commit."""
    return make_checkout("prøjekt mit Lücke")


class MemoryForge:
    """A forge without uniqueness, as GitHub is; ``interrupt`` is called before and after every write."""

    def __init__(self) -> None:
        self.issues: dict[int, Issue] = {}
        self.comments: dict[int, list[str]] = {}
        self.writes = 0
        self.known: dict[int, Issue] = {}
        self.interrupt: Callable[[str, str], None] = lambda when, what: None

    def managed(self) -> Sequence[Issue]:
        self.known = dict(self.issues)
        return [issue for _, issue in sorted(self.issues.items()) if fingerprint_of(issue.body)]

    def read(self, number: int) -> Issue:
        if number not in self.issues:
            raise ForgeError(f"issue {number}: is gone; run the plan again")
        self.known[number] = self.issues[number]
        return self.issues[number]

    def create(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        self.interrupt("before", "create")
        number = len(self.issues) + 1
        self.issues[number] = Issue(number=number, title=title, body=body, labels=tuple(labels))
        return self._written("create", number)

    def edit(self, number: int, change: Change) -> Issue:
        before = self.known.get(number) or self.read(number)
        self.interrupt("before", "edit")
        refuse_changed(self.read(number), before, change)
        values = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not None}
        if change.state is not None:
            values["reason"] = (change.reason or "") if change.state == "closed" else ""
        self.issues[number] = msgspec.structs.replace(self.read(number), **values)
        return self._written("edit", number)

    def comment(self, number: int, text: str) -> None:
        self.interrupt("before", "comment")
        said = self.comments.setdefault(self.read(number).number, [])
        if text.partition("\n")[0] not in [one.partition("\n")[0] for one in said]:
            said.append(text)
        self._written("comment", number)

    def link(self, path: str, line: int | None, commit: str) -> str:
        return f"https://forge.test/blob/{commit}/{quote(path)}" + (f"#L{line}" if line else "")

    def _written(self, what: str, number: int) -> Issue:
        self.writes += 1
        self.known[number] = self.issues[number]
        self.interrupt("after", what)
        return self.issues[number]


@pytest.fixture
def make_memory_forge() -> type[MemoryForge]:
    """For tests that need several."""
    return MemoryForge


@pytest.fixture
def memory_forge() -> MemoryForge:
    """A forge without issues."""
    return MemoryForge()
