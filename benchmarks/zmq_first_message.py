"""How many first messages are lost: a publisher sends once, as soon as the pair is handed over.

    python benchmarks/zmq_first_message.py [STARTS]

Prints, for each transport, the losses of the fixture's factory and of bare pyzmq in the same run.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import SimpleNamespace

import zmq

from pytest_maint.zmq.contexts import OwnContext
from pytest_maint.zmq.guard import Guard
from pytest_maint.zmq.pairs import PubSub

_PEER_STARTS = 200


def ours(guard: Guard, transport: str) -> bool:
    """Whether the first message of a fixture's pair arrived."""
    own = OwnContext(guard)
    try:
        publisher, subscriber = PubSub(own, "PUB", "SUB", 5.0)(transport)
        publisher.send(b"first")
        return bool(subscriber.poll(1000)) and subscriber.recv() == b"first"
    finally:
        own.end()


def bare(transport: str, number: int) -> bool:
    """The same with sockets that were bound, connected and subscribed by hand."""
    endpoints = {"inproc": f"inproc://{number}", "ipc": f"ipc://@bare-{time.monotonic_ns()}"}
    with (
        zmq.Context() as context,
        context.socket(zmq.PUB) as publisher,
        context.socket(zmq.SUB) as subscriber,
    ):
        publisher.linger = subscriber.linger = 0
        publisher.bind(endpoints.get(transport, "tcp://127.0.0.1:*"))
        subscriber.subscribe(b"")
        subscriber.connect(publisher.last_endpoint.decode())
        publisher.send(b"first")
        return bool(subscriber.poll(100))


def main(starts: int) -> int:
    """Run both; the exit status is 1 when a first message of ours was lost."""
    config = SimpleNamespace(rootpath=Path.cwd())
    guard = Guard(config)
    lost_at_all = 0
    for transport in ("inproc", "ipc", "tcp"):
        peer = sum(not bare(transport, number) for number in range(_PEER_STARTS))
        guard.tracker.install()
        began = time.perf_counter()
        lost = 0
        for _ in range(starts):
            lost += not ours(guard, transport)
            guard.tracker.take(None)
        took = (time.perf_counter() - began) / starts * 1000
        guard.tracker.uninstall()
        guard.tracker.watcher = guard
        lost_at_all += lost
        print(
            f"{transport:>6}: lost {lost} of {starts:,} ({took:.2f} ms each); "
            f"bare pyzmq lost {peer} of {_PEER_STARTS}",
            flush=True,
        )
    return int(lost_at_all > 0)


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
