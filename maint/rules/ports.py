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
        "PORT002",
        "unregistered-port",
        "a fixed port is bound that the registry does not hold",
        "medium",
        "register it in ports.yaml and read it with get_port(), or bind port 0",
    ),
    Rule(
        "PORT003",
        "stale-registration",
        "a port is registered and nothing binds it",
        "low",
        "take the entry out of ports.yaml, or bind the port by its name",
    ),
    Rule(
        "PORT004",
        "connect-without-bind",
        "a port of this machine is connected to and nothing binds it",
        "low",
        "correct the number, or register the port with the service that binds it",
    ),
    Rule(
        "PORT005",
        "port-in-ephemeral-range",
        "a fixed port lies where the kernel takes ports for outgoing connections",
        "low",
        "choose a port under 32768",
    ),
    Rule(
        "PORT006",
        "privileged-port",
        "a port under 1024 is bound, which needs root",
        "low",
        "choose a port from 1024 on, or let a proxy or systemd hold the privileged one",
    ),
    Rule(
        "PORT007",
        "port-ok-without-reason",
        "a port-ok comment gives no reason",
        "low",
        "write why after it: # maint: port-ok REASON",
    ),
    Rule(
        "PORT008",
        "open-wildcard-bind",
        "a ZeroMQ socket listens on every address without CURVE or other authentication",
        "medium",
        "bind 127.0.0.1, or switch CURVE on",
    ),
    Rule(
        "PORT009",
        "duplicate-service",
        "one service is in two copies of a file that bind one port",
        "medium",
        "delete the copy, or give it a port of its own",
    ),
    Rule(
        "PORT010",
        "foreign-port",
        "a test binds a fixed port that is neither leased nor registered to it",
        "high",
        "take a free one with port_lease(), bind port 0, or mark the test with binds(PORT)",
    ),
    Rule(
        "PORT011",
        "listener-left-behind",
        "a test or a fixture ends, and a socket that it opened still listens",
        "high",
        "close the socket, or end the process, in the fixture's teardown",
    ),
    Rule(
        "PORT012",
        "port-in-use",
        "a test fails because somebody else has the port",
        "medium",
        "end the process that has it, or bind a port of the test's own: port_lease()",
    ),
    Rule(
        "PORT013",
        "registered-port-shared",
        "a registered port is bound with SO_REUSEPORT, so that a second binder goes unnoticed",
        "medium",
        "leave SO_REUSEPORT out: of two servers on one port, each gets some of the connections",
    ),
    Rule(
        "PORT014",
        "port-bound-twice",
        "two sockets of one test session bind the same port at once",
        "high",
        "give one of them a port of its own: port_lease(), or get_port() and the registry",
    ),
)
