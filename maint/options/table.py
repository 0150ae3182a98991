"""Every option, declared once: flags, ``[tool.maint]`` keys, help, markers and the docs page derive."""

from __future__ import annotations

from maint.options import benchmark, coverage, excepts, lint, report
from maint.options.option import Option, text

_GENERAL = (
    Option(
        "",
        "out",
        text,
        ".maint/out",
        "where the reports are written, relative to the root",
        metavar="DIR",
        flag="--maint-out",
    ),
)

OPTIONS = (
    *_GENERAL,
    *benchmark.OPTIONS,
    *coverage.OPTIONS,
    *excepts.OPTIONS,
    *lint.OPTIONS,
    *report.OPTIONS,
)
BY_NAME = {option.name: option for option in OPTIONS}
SECTIONS = tuple(dict.fromkeys(option.section for option in OPTIONS if option.section))
