"""``[tool.maint.report]`` and ``[tool.maint.issues]``: what a session found, as meta-issues."""

from __future__ import annotations

from maint.options.option import Option

OPTIONS: tuple[Option, ...] = ()
