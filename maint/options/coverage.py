"""``[tool.maint.coverage]``: the coverage ratchet."""

from __future__ import annotations

# No cost at start-up: pytest has imported it already.
from decimal import Decimal

from maint.options.option import Option, flag, percentage, schedule, text

OPTIONS: tuple[Option, ...] = (
    Option(
        "coverage",
        "enabled",
        flag,
        False,
        "judge this session's coverage: against the committed baseline, the minimum and the patch",
        flag="--maint-cov",
    ),
    Option(
        "coverage",
        "min",
        percentage,
        None,
        "total coverage in percent below which the run fails, compared exactly and never rounded",
        metavar="PERCENT",
        flag="--maint-cov-min",
    ),
    Option(
        "coverage",
        "patch",
        text,
        None,
        "judge the lines that changed since this branch left the git ref",
        metavar="REF",
        flag="--maint-cov-patch",
    ),
    Option(
        "coverage",
        "patch_min",
        percentage,
        Decimal(85),
        "percent of the changed statements that must be covered",
        metavar="PERCENT",
        flag="--maint-cov-patch-min",
    ),
    Option(
        "coverage",
        "new_file_min",
        percentage,
        Decimal(80),
        "percent that a file must have that the baseline does not know",
        metavar="PERCENT",
    ),
    Option(
        "coverage",
        "floor",
        schedule,
        None,
        "a minimum that rises by itself, evaluated at the date of the commit under test",
    ),
    Option(
        "coverage",
        "strict_env",
        flag,
        False,
        "fail, rather than only say so, where the baseline was measured in another environment",
    ),
    Option(
        "coverage",
        "baseline",
        text,
        ".maint/coverage.txt",
        "the committed baseline, relative to the root",
        metavar="FILE",
    ),
    Option(
        "coverage",
        "core",
        text,
        "auto",
        "how our own measurement traces: auto takes sys.monitoring where it is complete, else the C tracer",
        choices=("auto", "ctrace", "pytrace", "sysmon"),
    ),
)
