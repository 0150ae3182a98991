"""``[tool.maint.ports]``: the registry of ports, leases, and the guard over binds."""

from __future__ import annotations

from maint.options.option import Option, text

OPTIONS: tuple[Option, ...] = (
    Option(
        "ports",
        "guard",
        text,
        "off",
        "what a test does that binds a fixed port which is neither leased nor registered to it",
        choices=("off", "warn", "error"),
        flag="--maint-ports",
    ),
    Option("ports", "registry", text, "ports.yaml", "the registry of ports, relative to the root"),
)
