"""Findings, runs and a tracker in a few words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from maint.findings import Finding, Location, Severity
from maint.forge.protocol import Issue
from maint.issues.apply import apply
from maint.issues.grouping import Limits
from maint.issues.plan import Plan, plan
from maint.report.documents import FindingsDocument, Run

COMMIT = "a" * 40
TESTS = tuple(f"tests/test_a.py::test_{name}" for name in ("one", "other", "a", "b", *range(5)))


class Make:
    """Builders; every default can be given."""

    @staticmethod
    def lint(path: str = "src/a.py", code: str = "flake8:E501", title: str = "line too long", **given: Any):
        values = {
            "severity": Severity.LOW,
            "category": "lint",
            "message": f"{title} here",
            "location": Location(path=path, line=given.pop("line", 3)),
            "remedy": "make it shorter",
        }
        return Finding(code=code, title=title, **{**values, **given})

    @staticmethod
    def failure(
        name: str = "test_one",
        message: str = "boom",
        exception: str = "builtins.RuntimeError",
        crash: str = "src/core.py",
        function: str = "load",
        **given: Any,
    ):
        evidence = {
            "exception": exception,
            "message": message,
            "crash": {"path": crash, "line": given.pop("line", 7), "function": function},
        }
        values = {
            "code": "TST001",
            "severity": Severity.HIGH,
            "category": "tests",
            "title": f"{name}: failed",
            "message": f"{name}: {message}",
            "location": Location(path="tests/test_a.py", line=1, node_id=f"tests/test_a.py::{name}"),
            "remedy": "mend it",
            "evidence": evidence,
        }
        return Finding(**{**values, **given})

    @staticmethod
    def run(guardrail: str = "flake8", codes: Iterable[str] = (), **given: Any) -> Run:
        values = {"version": "1", "command": f"{guardrail} .", "head_commit": COMMIT}
        if guardrail == "tests":
            skipped = given.get("unjudged", ())
            values["judged"] = tuple(name for name in TESTS if name not in skipped)
        return Run(guardrail=guardrail, codes=tuple(codes), **{**values, **given})

    @classmethod
    def document(cls, findings: Iterable[Finding], *runs: Run) -> FindingsDocument:
        full = (cls.run(), cls.run("tests", ["TST001", "TST002"]))
        return FindingsDocument(runs=runs or full, findings=tuple(findings))


@pytest.fixture(scope="session")
def make() -> type[Make]:
    return Make


class Tracker:
    """A forge, and runs on it; ``day`` is the day of the next run."""

    def __init__(self, make: Any, forge: Any) -> None:
        self.make = make
        self.forge = forge
        self.day = 1
        self.limits = Limits()

    def plan(self, findings: Iterable[Finding], *runs: Run) -> Plan:
        document = self.make.document(findings, *runs)
        today = f"2026-01-{self.day:02}"
        return plan([document], self.forge.managed(), today, self.forge.link, self.limits)

    def run(self, findings: Iterable[Finding], *runs: Run) -> list[str]:
        """Plan and apply; the kinds of what was done."""
        planned = self.plan(findings, *runs)
        self.day += 1
        return [step.action.decision.kind for step in apply(planned, self.forge, 100, ("maint",))]

    @property
    def issue(self) -> Issue:
        (issue,) = self.forge.managed()
        return issue

    def line(self, text: str) -> str:
        """The checklist line that holds ``text``, without its hidden part."""
        (line,) = [one for one in self.issue.body.splitlines() if one.startswith("- [") and text in one]
        return line.partition(" <!--")[0] + line.rpartition("-->")[2]

    def put(self, **values: Any) -> None:
        """What a person changes on the one issue there is."""
        self.forge.issues[self.issue.number] = msgspec.structs.replace(self.issue, **values)

    def flip(self, text: str) -> None:
        line = next(one for one in self.issue.body.splitlines() if one.startswith("- [") and text in one)
        flipped = f"- [{'x' if line[3] == ' ' else ' '}]{line[5:]}"
        self.put(body=self.issue.body.replace(line, flipped))


@pytest.fixture
def tracker(make: Any, memory_forge: Any) -> Tracker:
    return Tracker(make, memory_forge)
