"""``[tool.maint.zmq]``: ZeroMQ fixtures, and the guard over sockets and contexts."""

from __future__ import annotations

from maint.options.option import Option, flag, seconds, text

OPTIONS: tuple[Option, ...] = (
    Option(
        "zmq",
        "enabled",
        flag,
        False,
        "guard the sockets of every test, not only of those that use a zmq fixture or marker",
        flag="--maint-zmq",
    ),
    Option(
        "zmq",
        "timeout",
        seconds,
        5.0,
        "how long a send or receive may block before it fails, where the code sets no time-out of its own",
        marker=True,
    ),
    Option(
        "zmq",
        "leaks",
        text,
        "warn",
        "what a socket or context does that a test created and did not close",
        choices=("warn", "error", "off"),
        marker=True,
    ),
    Option(
        "zmq",
        "remap",
        text,
        "ipc",
        "where zmq_remap sends the tcp endpoints of the code under test",
        choices=("ipc", "inproc"),
        marker=True,
    ),
)
