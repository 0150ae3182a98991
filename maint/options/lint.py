"""``[tool.maint.lint]``: the static rules, under flake8 and under ``maint lint``."""

from __future__ import annotations

from maint.options.option import Option

OPTIONS: tuple[Option, ...] = ()
