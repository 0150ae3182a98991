"""PORT: collisions of ports. 00n: found in the code, 01n: seen while tests ran."""

from __future__ import annotations

from maint.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "PORT001",
        "port-collision",
        "two owners bind one port of one machine",
        "high",
        "give one of them another port in the registry, and read it with get_port()",
    ),
    Rule(
        "PORT014",
        "port-bound-twice",
        "two sockets of one test session bind the same port at once",
        "high",
        "give one of them a port of its own: port_lease(), or get_port() and the registry",
    ),
)
