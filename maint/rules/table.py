"""The rules table: every code is declared once, in the file of its guardrail. Codes are never reused."""

from __future__ import annotations

from maint.rules import benchmark, coverage, static, tests

RULES = {rule.code: rule for rule in (*benchmark.RULES, *coverage.RULES, *static.RULES, *tests.RULES)}
