"""``[tool.maint.except]``: what broad handlers catch while the tests run."""

from __future__ import annotations

from maint.options.option import Option, text

OPTIONS = (
    Option(
        "except",
        "action",
        text,
        None,
        "record which exceptions broad handlers catch during the tests, for maint fix --narrow",
        choices=("record",),
        flag="--maint-except",
        toml=False,
    ),
)
