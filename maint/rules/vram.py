"""VRAM: budgets of GPU memory. 00n: the budget, 01n: admission, 02n: measurements that could not be had."""

from __future__ import annotations

from maint.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "VRAM001",
        "vram-over-budget",
        "a test used more GPU memory than its budget",
        "high",
        "free what is not needed, use smaller inputs, or raise the budget on the test with a reason",
    ),
)
