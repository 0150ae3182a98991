"""TST: what a test session itself reports."""

from __future__ import annotations

from maint.rules.rule import Rule

RULES: tuple[Rule, ...] = ()
