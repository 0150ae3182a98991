"""Small projects whose suites run in processes of their own: the one these tests run in may be measured."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

SOURCE = """\
def parity(number):
    if number % 2:
        return "odd"
    return "even"


def halve(number):
    half = number // 2
    return half
"""
TESTS = """\
import parity


def test_odd():
    assert parity.parity(1) == "odd"


def test_even():
    assert parity.parity(2) == "even"


def test_halve():
    assert parity.halve(4) == 2
"""
SETTINGS = ('pythonpath = ["src"]', 'testpaths = ["tests"]')
# Unloaded, each run starts in two thirds of the time.
_IDLE = ("cacheprovider", "asyncio", "benchmark", "anyio", "hypothesispytest", "aspectlib")
PLUGINS = tuple(part for name in _IDLE for part in ("-p", f"no:{name}"))


class Ran(NamedTuple):
    """What a command left: its exit code and what it printed."""

    code: int
    out: str

    @property
    def section(self) -> list[str]:
        """The lines of the ratchet's part of the terminal."""
        found = re.search(r"=+ maint: coverage =+\n(.*?)\n(?==|maint:|\d+ |\Z)", self.out, re.DOTALL)
        assert found, self.out
        return found[1].splitlines()


class Project:
    """A project with a source folder, tests, and coverage's settings in its ``pyproject.toml``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.temporary = root.parent / "temporary"
        self.temporary.mkdir()
        if not root.exists():
            self.write("src/parity.py", SOURCE)
            self.write("tests/test_parity.py", TESTS)
            self.configure()

    def write(self, name: str, text: str) -> None:
        """Write one file."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def configure(self, *coverage: str, maint: tuple[str, ...] = (), pytest: tuple[str, ...] = ()) -> None:
        """Write ``pyproject.toml``: lines of coverage's, our and pytest's tables."""
        lines = ["[tool.coverage.run]", 'source = ["src"]', *coverage, "[tool.pytest.ini_options]"]
        lines += [*SETTINGS, *pytest, "[tool.maint.coverage]", *maint]
        self.write("pyproject.toml", "\n".join([*lines, ""]))

    def pytest(self, *arguments: str, under: tuple[str, ...] = ()) -> Ran:
        """Run the suite; ``under`` is what runs pytest, such as ``coverage run``."""
        return self._run("-m", *under, "pytest", *PLUGINS, *arguments)

    def maint(self, *arguments: str) -> Ran:
        """Run ``maint``."""
        return self._run("-m", "maint", *arguments)

    def coverage(self, *arguments: str) -> Ran:
        """Run ``coverage``."""
        return self._run("-m", "coverage", *arguments)

    def drop_a_test(self) -> None:
        """The planted defect: two of the seven statements are not covered any more."""
        self.write("tests/test_parity.py", TESTS.partition("def test_halve")[0])

    def findings(self) -> dict[str, Any]:
        """What the session's report holds."""
        found: dict[str, Any] = json.loads((self.root / ".maint/out/findings.json").read_text("utf-8"))
        return found

    def data_files(self) -> set[str]:
        """Coverage's data files."""
        return {path.name for path in self.root.glob(".coverage*")}

    def _run(self, *arguments: str) -> Ran:
        environ = {key: value for key, value in os.environ.items() if not key.startswith(("COV", "PYTEST_"))}
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=environ | {"TMPDIR": str(self.temporary), "COLUMNS": "100"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project of one module, fully covered, without a baseline."""
    return Project(tmp_path / "project")


@pytest.fixture(scope="session")
def pinned_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a baseline, as its own session and ``maint coverage init`` wrote it."""
    project = Project(tmp_path_factory.mktemp("pinned") / "project")
    assert project.pytest("--maint-cov").code == 0
    assert project.maint("coverage", "init").code == 0
    for path in project.root.glob(".coverage*"):
        path.unlink()
    return project.root


@pytest.fixture
def pinned(tmp_path: Path, pinned_once: Path) -> Project:
    """A copy of it."""
    shutil.copytree(pinned_once, tmp_path / "project")
    return Project(tmp_path / "project")
