"""Findings and runs in a few words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from maint.findings import Finding, Location, Severity
from maint.report.documents import FindingsDocument, Run

COMMIT = "a" * 40


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
        return Run(guardrail=guardrail, codes=tuple(codes), **{**values, **given})

    @classmethod
    def document(cls, findings: Iterable[Finding], *runs: Run) -> FindingsDocument:
        full = (cls.run(), cls.run("tests", ["TST001", "TST002"]))
        return FindingsDocument(runs=runs or full, findings=tuple(findings))


@pytest.fixture(scope="session")
def make() -> type[Make]:
    return Make
