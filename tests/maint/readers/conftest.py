"""What real tools say of one small project, and sources made of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from maint.readers.formats import read
from maint.readers.pytest_benchmark import Limits
from maint.readers.source import Source
from maint.report.section import Section

SAMPLES = Path(__file__).parent / "samples"
LIMITS = Limits(0.10, 0.25)
UNTIDY = """\
import os, sys
import subprocess

def run(x, seen=[]):
    subprocess.call("ls " + x, shell=True)
    return undefined_name

def again(x):
    l = 1
    l = 1
"""
TESTS = """\
import json, pytest

def helper(x):
    return 1 / x

class TestX:
    @pytest.mark.parametrize("n", [0, "a::b[c]", "<b>@you #1|`"])
    def test_div(self, n):
        helper(n)

@pytest.fixture
def bad():
    raise RuntimeError("no database at 0x7f00 after 31 s")

@pytest.mark.parametrize("n", range(3))
def test_setup(bad, n): pass

@pytest.fixture
def late():
    yield
    raise KeyError("x")

def test_teardown(late): pass
def test_fine(): pass

@pytest.mark.skip(reason="later")
def test_skipped(): pass

@pytest.mark.xfail
def test_expected(): assert 0

@pytest.mark.xfail(strict=True)
def test_unexpected(): pass

def test_lists(): assert [1] == [2], "lists\\nof two"
def test_library(): json.loads("{")
def test_given_up(): pytest.fail("because")
def test_silent(): raise ValueError
"""
Read = Callable[..., list[Section]]


def run_tool(*argv: str, cwd: Path) -> bytes:
    """What a tool of this environment writes to its standard output."""
    return subprocess.run([sys.executable, "-m", *argv], cwd=cwd, capture_output=True, check=False).stdout


@pytest.fixture(scope="session")
def untidy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one file that every linter complains of."""
    root = tmp_path_factory.mktemp("untidy")
    (root / "pkg").mkdir()
    (root / "pkg" / "bad file.py").write_text(UNTIDY)
    return root


@pytest.fixture(scope="session")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose tests fail in every way, with the ``junit.xml`` that pytest wrote about them."""
    root = tmp_path_factory.mktemp("failing")
    (root / "tests" / "sub").mkdir(parents=True)
    (root / "tests" / "sub" / "test_a.py").write_text(TESTS)
    (root / "tests" / "test_broken.py").write_text("import no_such_module\n")
    (root / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    plain = ("-p", "no:cacheprovider", "-p", "no:xdist", "--continue-on-collection-errors", "--maint-report")
    output = run_tool("pytest", *plain, "--junitxml=junit.xml", cwd=root)
    assert b"2 passed, 1 skipped, 1 xfailed" in output, output
    return root


@pytest.fixture
def read_one(tmp_path: Path) -> Read:
    """Read bytes as the command does."""

    def reading(content: bytes, root: Path = tmp_path, forced: str | None = None) -> list[Section]:
        return read([Source("input", content, root)], LIMITS, forced)

    return reading
