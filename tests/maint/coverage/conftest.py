"""Small projects that coverage really measures, and measurements made of plain numbers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from maint.coverage.baseline import Baseline, Row
from maint.coverage.counts import Counts, Ratio
from maint.coverage.environment import Environment
from maint.coverage.judge import Circumstances, judge
from maint.coverage.judgement import Judgement
from maint.coverage.measured import FileMeasure, Measured
from maint.coverage.settings import CoverageSettings

HERE = Environment("linux-cpython3.13-line", "7.17.3", "0badcafe")
TODAY = date(2026, 11, 21)


def file(statements: int, missing: int = 0) -> FileMeasure:
    """A file whose last ``missing`` lines are not covered."""
    covered = statements - missing
    return FileMeasure(
        counts=Counts(statements, missing),
        executed=tuple(range(1, covered + 1)),
        missing=tuple(range(covered + 1, statements + 1)),
    )


def measured(environment: Environment = HERE, **files: FileMeasure) -> Measured:
    """A measurement; ``a`` is ``src/a.py``."""
    return Measured(files={f"src/{name}.py": one for name, one in files.items()}, environment=environment)


def baseline(environment: Environment = HERE, **rows: tuple[int, int] | Row) -> Baseline:
    """A baseline from ``a=(statements, missing)``."""
    given = {
        (environment.key, f"src/{name}.py"): row if isinstance(row, Row) else Row(Counts(*row))
        for name, row in rows.items()
    }
    return Baseline(environments=(environment,), rows=given)


def verdict(now: Measured, was: Baseline | None, *, settings: Any = None, **around: Any) -> Judgement:
    """`judge` on the day `TODAY`, with the files of the baseline present unless told otherwise."""
    present = frozenset(path for _, path in was.rows) if was else frozenset()
    told = {"today": TODAY, "present": present, **around}
    return judge(now, was, settings or CoverageSettings(), Circumstances(**told))


def codes(judgement: Judgement) -> list[str]:
    """The codes of its findings, in order."""
    return [finding.code for finding in judgement.findings]


def share(covered: int, total: int) -> Ratio:
    """A ratio."""
    return Ratio(covered, total)


class Project:
    """A folder with sources, run under ``coverage run`` in processes of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        if not (root / ".coveragerc").exists():
            self.settings("source = src")

    def settings(self, *lines: str) -> None:
        """Write coverage's ``[run]`` settings."""
        (self.root / ".coveragerc").write_text("\n".join(("[run]", *lines, "")), encoding="utf-8")

    def write(self, files: Mapping[str, str]) -> None:
        """Write ``files``, path to text."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def coverage(self, *arguments: str) -> str:
        """Run ``coverage`` here; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "coverage", *arguments],
            cwd=self.root,
            check=True,
            capture_output=True,
            text=True,
            env={k: v for k, v in os.environ.items() if not k.startswith(("COV", "COVERAGE"))},
        )
        return done.stdout

    def report(self) -> dict[str, Any]:
        """What ``coverage json`` writes."""
        self.coverage("json", "-q", "-o", "report.json")
        found: dict[str, Any] = json.loads((self.root / "report.json").read_text(encoding="utf-8"))
        (self.root / "report.json").unlink()
        return found


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project that measures ``src``."""
    return Project(tmp_path / "project")
