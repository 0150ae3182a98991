"""How findings of the guard fail a test, and what is shown of each."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from maint.findings import Finding
from pytest_maint.failure import own

PROPERTY = "maint_zmq"


def failing(findings: Sequence[Finding]) -> BaseException:
    """What fails a test when its last fixture is gone."""
    error = pytest.fail.Exception("\n".join(each.message for each in findings), pytrace=False)
    vars(error)[PROPERTY] = findings
    return own(error)


def lines_of(finding: Finding) -> list[str]:
    """What happened, what to do, and where the threads were if that matters."""
    lines = [finding.message, finding.remedy]
    for thread, stack in finding.evidence.get("stacks", {}).items():
        lines += [f"thread {thread!r}:", *(f"  {line}" for line in stack)]
    return lines


def failed_by(error: BaseException | None) -> Sequence[Finding]:
    """The findings that `failing` put into ``error``; none where another error failed the test."""
    found: Sequence[Finding] = getattr(error, PROPERTY, ())
    return found
