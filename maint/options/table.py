"""Every option, declared once: flags, ``[tool.maint]`` keys, help, markers and the docs page derive."""

from __future__ import annotations

from maint.options import benchmark, coverage, excepts, lint, ports, report, vram, zmq
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
    *ports.OPTIONS,
    *report.OPTIONS,
    *vram.OPTIONS,
    *zmq.OPTIONS,
)
BY_NAME = {option.name: option for option in OPTIONS}
SECTIONS = tuple(dict.fromkeys(option.section for option in OPTIONS if option.section))
# The marker that takes the options of a section which a test may set for itself.
MARKERS = {"benchmark": "maint_benchmark", "vram": "vram_budget", "zmq": "zmq"}
