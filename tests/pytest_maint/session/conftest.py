"""Sessions with ``--maint-report``, and what they leave in ``findings.json``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest


class Reported(NamedTuple):
    """How one session ended, and its ``findings.json``."""

    result: pytest.RunResult
    run: dict[str, Any]
    findings: list[dict[str, Any]]

    def codes(self) -> dict[str, str]:
        """Title to code."""
        return {finding["title"]: finding["code"] for finding in self.findings}

    def one(self, code: str) -> dict[str, Any]:
        """The only finding of this code."""
        (finding,) = [finding for finding in self.findings if finding["code"] == code]
        return finding

    @property
    def last_line(self) -> str:
        """What the collector says in the terminal."""
        (line,) = [line for line in self.result.outlines if line.startswith("maint: ")]
        return line


def read(result: pytest.RunResult, out: Path) -> Reported:
    document = json.loads((out / "findings.json").read_text("utf-8"))
    (run,) = document["runs"]
    return Reported(result, run, document["findings"])


@pytest.fixture(autouse=True)
def plain(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """After `pytester`, which clears the variable; no cache from run to run, no CI of the outer session.

    Beside xdist, pytest-rerunfailures opens a listener for each session in this process and never closes it:
    it is there where a test asks for it.
    """
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:asyncio -p no:cacheprovider -p no:rerunfailures")
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def report(pytester: pytest.Pytester) -> Callable[..., Reported]:
    """Run the session in this process and read what it wrote."""

    def run(*arguments: str) -> Reported:
        result = pytester.runpytest_inprocess("--maint-report", *arguments)
        return read(result, pytester.path / ".maint/out")

    return run


@pytest.fixture(params=[(), ("-n2",)], ids=["serial", "xdist"])
def everywhere(report: Callable[..., Reported], request: pytest.FixtureRequest) -> Callable[..., Reported]:
    """`report`, once in one process and once on two workers."""
    return lambda *arguments: report(*arguments, *request.param)
