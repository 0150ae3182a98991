"""Small projects that the fixer works on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import pytest

from maint.cli.main import main


class Ran(NamedTuple):
    """How one ``maint`` command ended."""

    code: int
    out: str
    err: str


class Project:
    """A folder with a ``pyproject.toml`` in which ``maint fix`` is run."""

    def __init__(self, root: Path, run: Callable[..., Ran]) -> None:
        self.root = root
        self.fix = run
        self.write({"pyproject.toml": "[tool.pytest.ini_options]\npythonpath = ['.']\n"})

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files by their path relative to the root."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else dedent(text).encode())

    def text(self, name: str) -> str:
        """What a file holds now, its line ends as they are."""
        return (self.root / name).read_bytes().decode()

    def git(self, *arguments: str) -> None:
        """Run git here, without the user's configuration."""
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false")
        env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        subprocess.run(
            ["git", *identity, *arguments], cwd=self.root, check=True, capture_output=True, env=env
        )

    def commit(self) -> None:
        """Commit everything."""
        if not (self.root / ".git").exists():
            self.git("init", "--quiet")
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", "x")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Project:
    """An empty project."""
    root = tmp_path / "project"
    root.mkdir()
    monkeypatch.chdir(root)
    # other plugins have no part in this, and take half of the time of each run
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p pytest_maint.plugin")

    def run(*arguments: str) -> Ran:
        capsys.readouterr()
        code = main(["fix", *arguments])
        return Ran(code, *capsys.readouterr())

    return Project(root, run)
