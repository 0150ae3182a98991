"""``[tool.maint.coverage]``: the coverage ratchet."""

from __future__ import annotations

from maint.options.option import Option

OPTIONS: tuple[Option, ...] = ()
