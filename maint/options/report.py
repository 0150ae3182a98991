"""``[tool.maint.report]`` and ``[tool.maint.issues]``: findings of a session, and the meta-issues made of them."""

from __future__ import annotations

from maint.options.option import Option

OPTIONS: tuple[Option, ...] = ()
