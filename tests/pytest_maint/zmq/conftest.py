"""Sessions of their own for what the guard says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest


class Session(NamedTuple):
    """How one ``pytest`` run ended: exit status, output, and findings by test name."""

    code: int
    output: str
    findings: dict[str, list[dict[str, Any]]]

    def codes(self, test: str) -> list[str]:
        """The codes that a test was told."""
        return [each["code"] for each in self.findings.get(test, [])]


@pytest.fixture
def session(tmp_path: Path) -> Callable[..., Session]:
    """Run pytest in a process of its own over one test module."""

    def run(source: str, *arguments: str, timeout: float = 60) -> Session:
        (tmp_path / "test_it.py").write_text(source, encoding="utf-8")
        (tmp_path / "pytest.ini").write_text(
            "[pytest]\nmarkers = expected\nasyncio_default_fixture_loop_scope = function\n", encoding="utf-8"
        )
        env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTEST_", "COV_", "GITHUB_"))
        }
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", *arguments],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        report = tmp_path / ".maint/out/findings.json"
        found: dict[str, list[dict[str, Any]]] = {}
        if report.exists():
            for each in json.loads(report.read_text(encoding="utf-8"))["findings"]:
                name = each["location"].get("node_id", "").rpartition("::")[2]
                found.setdefault(name, []).append(each)
            report.unlink()
        return Session(done.returncode, done.stdout + done.stderr, found)

    return run
