"""ZMQ: the guard over ZeroMQ sockets. 00n: leaks, 01n: waits without end, 02n: remapped endpoints."""

from __future__ import annotations

from maint.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "ZMQ001",
        "zmq-leaked-socket",
        "a test created a socket or a context and did not close it",
        "medium",
        "close it where it was created: with context.socket(...) as socket, or a fixture that closes",
    ),
)
