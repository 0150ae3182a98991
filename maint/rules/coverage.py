"""COV: the coverage ratchet. 00n: a file or the baseline, 01n, 02n: the total, 03n: the patch."""

from __future__ import annotations

from maint.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "COV001",
        "coverage-fell",
        "a file is covered to a smaller share than in the baseline, and more of it is missed",
        "high",
        "cover the lines named, or record an exception: maint coverage lower FILE --reason TEXT --until DATE",
    ),
    Rule(
        "COV002",
        "coverage-total-fell",
        "the project is covered to a smaller share than in the baseline, and more of it is missed",
        "high",
        "cover what is new, or record an exception: maint coverage lower total --reason TEXT --until DATE",
    ),
    Rule(
        "COV003",
        "coverage-new-file",
        "a file that the baseline does not know is covered less than a new file must be",
        "high",
        "test it, or record an exception: maint coverage lower FILE --reason TEXT --until DATE",
    ),
    Rule(
        "COV004",
        "coverage-not-measured",
        "a file of the baseline is still there, but this measurement does not hold it",
        "high",
        "measure it again (source in coverage's settings), or delete it; a whole run is what counts",
    ),
    Rule(
        "COV010",
        "coverage-below-minimum",
        "total coverage is below the minimum or the floor of this date",
        "high",
        "cover as many more as the message says, or change min or floor in [tool.maint.coverage]",
    ),
    Rule(
        "COV012",
        "coverage-baseline-loosened",
        "the baseline demands less than it did where this branch began, and no exception says why",
        "high",
        "restore the line, or record the reason: maint coverage lower FILE --reason TEXT --until DATE",
    ),
    Rule(
        "COV020",
        "coverage-floor-due",
        "the floor has risen above total coverage; its grace period is running",
        "low",
        "cover as many more as the message says before the grace period ends",
    ),
    Rule(
        "COV030",
        "coverage-patch",
        "of the statements that changed, fewer are covered than patch_min asks",
        "high",
        "test the lines named; they are the ones this branch changed",
    ),
    Rule(
        "COV031",
        "coverage-changed-file-not-measured",
        "a changed file is not in the measurement, so all its changed statements count as uncovered",
        "medium",
        "import it in a test, or name it under omit in coverage's settings",
    ),
    Rule(
        "COV080",
        "coverage-partial-run",
        "no verdict: only a full and green run can be judged",
        "info",
        "run the whole suite",
    ),
    Rule(
        "COV090",
        "coverage-not-comparable",
        "no verdict against the baseline: it was measured in another environment",
        "medium",
        "measure where the baseline was measured, or pin this environment too: maint coverage init",
    ),
)
