"""What a fixture's inproc pair costs: set-up and teardown, against bare pyzmq doing the same.

    python benchmarks/bench_zmq.py [PAIRS]

Both make a context, two sockets with time-outs and without linger, bind, connect, close and terminate. They
take turns in short blocks; the figure is the median of the ratios of the blocks, with their middle half.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import zmq

from pytest_maint.zmq.contexts import OwnContext
from pytest_maint.zmq.guard import Guard, Watched
from pytest_maint.zmq.pairs import BindsSecond
from pytest_maint.zmq.settings import GuardSettings
from pytest_maint.zmq.tracking import Defaults

_BLOCK = 50
_ALLOWED = 1.3


def bare(number: int) -> None:
    """By hand."""
    context = zmq.Context()
    sockets = [context.socket(zmq.REQ), context.socket(zmq.REP)]
    for socket in sockets:
        socket.setsockopt(zmq.RCVTIMEO, 5000)
        socket.setsockopt(zmq.SNDTIMEO, 5000)
        socket.setsockopt(zmq.LINGER, 0)
    endpoint = f"inproc://bare-{number}"
    sockets[1].bind(endpoint)
    sockets[0].connect(endpoint)
    for socket in sockets:
        socket.close()
    context.term()


def ours(guard: Guard) -> None:
    """By the factory, and judged as at the end of a test."""
    settings = GuardSettings(enabled=False, timeout=5.0, leaks="error", remap="ipc")
    watched = guard.watched = guard.tracker.owner = Watched(SimpleNamespace(nodeid="test"), settings)
    guard.tracker.defaults, guard.tracker.poll_limit = Defaults(5000, 1000), 5000
    own = OwnContext(guard)
    BindsSecond(own, "REQ", "REP", 5.0)()
    own.end()
    guard.judge(watched)
    assert not watched.findings


def timed(call: Callable[[], None]) -> float:
    """Seconds for one block of pairs, each."""
    for _ in range(5):  # the wraps are new to the interpreter
        call()
    began = time.perf_counter()
    for _ in range(_BLOCK):
        call()
    return (time.perf_counter() - began) / _BLOCK


def main(pairs: int) -> int:
    """The exit status is 1 when ours takes more than 1.3 times as long."""
    guard = Guard(SimpleNamespace(rootpath=Path.cwd()))
    numbers = iter(range(10**9))
    ratios, alone, guarded = [], [], []
    for turn in range(max(4, pairs // _BLOCK)):
        steps: list[Callable[[], None]] = [
            lambda: alone.append(timed(lambda: bare(next(numbers)))),
            lambda: guarded.append(_within(guard)),
        ]
        for step in steps if turn % 2 else reversed(steps):
            step()
        ratios.append(guarded[-1] / alone[-1])
    low, middle, high = statistics.quantiles(ratios, n=4)
    print(
        f"inproc REQ/REP, set-up and teardown: ours {statistics.median(guarded) * 1e6:.0f} us, "
        f"bare {statistics.median(alone) * 1e6:.0f} us; "
        f"ratio {middle:.2f} (middle half {low:.2f}..{high:.2f}, allowed {_ALLOWED}) "
        f"over {len(ratios)} blocks of {_BLOCK}"
    )
    return int(middle > _ALLOWED)


def _within(guard: Guard) -> float:
    """The wraps are in place for our block alone."""
    guard.tracker.install()
    try:
        return timed(lambda: ours(guard))
    finally:
        guard.tracker.uninstall()
        guard.tracker.watcher = guard


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 4000))
