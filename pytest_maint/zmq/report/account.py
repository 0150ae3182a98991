"""The guard's part of the report: findings of all processes, judged where the session ends."""

from __future__ import annotations

from collections.abc import Sequence

from maint.findings import Finding
from maint.rules.zmq import RULES
from pytest_maint.account import Account
from pytest_maint.options import settings

from .failure import PROPERTY, lines_of


class ZmqAccount(Account):
    """Its summary tells every finding, also those that failed a test."""

    guardrail = "zmq"
    title = "ZeroMQ"
    codes = (*(rule.code for rule in RULES), "PORT014")  # the port guard's, which a remapped test can raise
    key = PROPERTY
    unjudged = "it failed, so what it left open is not judged"

    def pytest_sessionfinish(self) -> None:
        """Hand over, where a report was asked for or there is something to report."""
        chosen = settings(self.config)
        if self.findings or chosen["zmq.enabled"] or (chosen["report.enabled"] and self.judged):
            super().pytest_sessionfinish()

    def lines(self, finding: Finding) -> Sequence[str]:
        """With the stacks of threads."""
        return lines_of(finding)
