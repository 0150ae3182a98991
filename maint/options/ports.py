"""``[tool.maint.ports]``: the registry of ports, leases, and the guard over binds."""

from __future__ import annotations

from maint.options.option import Option, flag, port_range, seconds, strings, text

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
    Option(
        "ports",
        "lease_range",
        port_range,
        "20000-29999",
        "the ports that leases come from; keep it outside of the kernel's ephemeral range",
        metavar="FIRST-LAST",
    ),
    Option(
        "ports",
        "children",
        flag,
        True,
        "whether the guard also looks at what child processes listen on",
    ),
    Option(
        "ports",
        "ephemeral",
        text,
        "allow",
        "what the guard makes of a fixed port in the kernel's ephemeral range that is not registered: "
        "helpers that look for a free port find it there",
        choices=("allow", "refuse"),
    ),
    Option(
        "ports",
        "ignore",
        strings,
        (),
        "ports ('5678', '9000-9010') and modules ('debug_server') that the guard says nothing about",
        metavar="LIST",
    ),
    Option(
        "ports",
        "wait",
        seconds,
        60.0,
        "how long a test marked with binds() waits for its ports to become free, in seconds",
        metavar="SECONDS",
    ),
)
