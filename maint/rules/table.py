"""The rules table: every code is declared once, in the file of its guardrail. Codes are never reused."""

from __future__ import annotations

from maint.rules import benchmark, coverage, ports, static, tests, vram, zmq
from maint.rules.rule import Rule

_FAMILIES = (benchmark, coverage, ports, static, tests, vram, zmq)

RULES: dict[str, Rule] = {rule.code: rule for family in _FAMILIES for rule in family.RULES}
