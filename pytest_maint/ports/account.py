"""The guard's part of the report: findings of all processes, handed over where the session ends."""

from __future__ import annotations

from collections.abc import Iterable

from maint.findings import Finding
from pytest_maint.account import Account

from .findings import CODES
from .verdict import PROPERTY


class PortsAccount(Account):
    """Its summary tells what failed no test; the rest is among the failures."""

    guardrail = "ports"
    title = "Ports"
    codes = CODES
    key = PROPERTY
    unjudged = "it failed, so what it left listening is not judged"

    def spoken(self) -> Iterable[Finding]:
        """Those that failed no test."""
        return [each for key, each in self.findings.items() if key not in self.shown]
