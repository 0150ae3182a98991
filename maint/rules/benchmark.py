"""BEN: the benchmark gate."""

from __future__ import annotations

from maint.rules.rule import Rule

RULES = (
    Rule(
        "BEN001",
        "benchmark-critical",
        "a benchmark got slower by more than the critical threshold",
        "critical",
        "profile the benchmark on both commits; if the cost is intended, raise critical= on its "
        "maint_benchmark marker with the reason",
    ),
    Rule(
        "BEN002",
        "benchmark-warning",
        "a benchmark got slower by more than the warning threshold",
        "medium",
        "profile the benchmark on both commits, or accept it: a warning does not fail the run",
    ),
    Rule(
        "BEN003",
        "benchmark-inconclusive",
        "the measurements do not settle whether a benchmark got slower",
        "low",
        "raise --maint-budget, or run on a quieter machine",
    ),
    Rule(
        "BEN004",
        "benchmark-head-error",
        "a benchmark that should be measured failed, crashed or hung on head",
        "high",
        "run the test alone with --maint-baseline and read the worker's output in the report",
    ),
    Rule(
        "BEN005",
        "benchmark-base-error",
        "a benchmark failed, crashed or hung on the baseline only",
        "low",
        "nothing, when the baseline is known to be broken; else choose another baseline",
    ),
    Rule(
        "BEN006",
        "benchmark-wrong-tree",
        "a worker imported project code from the other tree, so the comparison proves nothing",
        "critical",
        "make the module importable from its own tree; see docs/explanation/baseline-tree.md",
    ),
    Rule(
        "BEN007",
        "benchmark-result-differs",
        "a benchmark returns something else on head than on the baseline",
        "info",
        "check that the change of result is intended: faster because wrong is not faster",
    ),
)
