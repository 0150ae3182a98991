"""ZMQ: sockets under test. 00n: leaks, 01n: waits without end, 02n: remapped endpoints, 03n: transports."""

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
    Rule(
        "ZMQ002",
        "zmq-context-does-not-end",
        "a context did not terminate, since sockets of it are open or in use",
        "high",
        "close the sockets that hold it in the threads that use them, then terminate it",
    ),
    Rule(
        "ZMQ003",
        "zmq-closed-in-use",
        "a socket was closed by one thread while another was inside of it, which aborts the process",
        "high",
        "let the thread that uses the socket close it: stop it by a message or context.term(), then join it",
    ),
    Rule(
        "ZMQ010",
        "zmq-wait-timed-out",
        "a send, receive or poll without a limit of its own got nothing within the time-out",
        "high",
        "start the other end first, or look at what it was doing; @pytest.mark.zmq(timeout=...) waits longer",
    ),
    Rule(
        "ZMQ020",
        "zmq-inproc-out-of-reach",
        "two contexts or processes use one port of a test that remaps to inproc",
        "medium",
        "use @pytest.mark.zmq(remap='ipc')",
    ),
    Rule(
        "ZMQ021",
        "zmq-bound-by-nobody",
        "a test connected to a port that nobody bound while it ran",
        "medium",
        "start the service in the test, or connect to the port that it binds",
    ),
    Rule(
        "ZMQ022",
        "zmq-remote-endpoint",
        "a test with zmq_remap connected to another machine",
        "medium",
        "name the host in zmq_remap(local=[...]) to mean this machine, or in zmq_remap(leave=[...])",
    ),
    Rule(
        "ZMQ030",
        "zmq-inproc-cannot",
        "inproc was asked for what it does not have: CURVE, monitor events, another context, a second bind",
        "medium",
        "use transport='ipc'",
    ),
)
