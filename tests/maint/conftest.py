"""Real git repositories for the core's tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest


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
