"""``[tool.maint.vram]``: budgets of GPU memory."""

from __future__ import annotations

from maint.options.option import Option, text

OPTIONS: tuple[Option, ...] = (
    Option(
        "vram",
        "mode",
        text,
        "check",
        "hold marked tests to their budget, only report what they used, or do nothing",
        choices=("off", "report", "check"),
        flag="--maint-vram",
    ),
    Option(
        "vram",
        "missing",
        text,
        "skip",
        "what a marked test does where there is no GPU, or none that is large enough",
        choices=("skip", "run", "fail"),
    ),
)
