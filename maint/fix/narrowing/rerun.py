"""Runs the tests that hit a handler, and says which of them fail."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from maint.errors import MaintError
from maint.report.cells import printable

_PLUGIN = "pytest_maint.excepts.outcomes"
_ENDED = (0, 1)  # of pytest: all passed, some failed


def failing(root: Path, tests: Iterable[str]) -> frozenset[str]:
    """The node ids among ``tests`` that fail now; a module that cannot be imported stands for its tests.

    Further options come from PYTEST_ADDOPTS. Raises MaintError where pytest cannot run them.
    """
    with tempfile.TemporaryDirectory(prefix="maint-rerun-") as folder:
        arguments, outcomes = Path(folder, "tests"), Path(folder, "failed")
        arguments.write_text("".join(f"{test}\n" for test in sorted(tests)), encoding="utf-8")
        # the cache is not to forget what failed last in the user's own runs
        options = (
            "-q",
            "--tb=short",
            "-o",
            f"cache_dir={folder}/cache",
            "--rootdir",
            str(root),
            "-p",
            _PLUGIN,
        )
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, f"@{arguments}"],
            cwd=root,
            env={**os.environ, "MAINT_OUTCOMES": str(outcomes)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="backslashreplace",
            check=False,
        )
        if done.returncode not in _ENDED or not outcomes.is_file():
            words = [line for line in done.stdout.splitlines() if line.strip()] or ["no output"]
            raise MaintError(
                f"pytest: exit status {done.returncode} on the tests that hit the handlers "
                f"({printable(words[-1])}); see that they run, or record again"
            )
        lines = outcomes.read_text(encoding="ascii").splitlines()
    return frozenset(ast.literal_eval(line) for line in lines)
