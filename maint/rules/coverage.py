"""COV: the coverage ratchet."""

from __future__ import annotations

from maint.rules.rule import Rule

RULES: tuple[Rule, ...] = ()
