"""What a fixture's inproc pair costs: set-up and teardown, against bare pyzmq doing the same.

    python benchmarks/bench_zmq.py [ROUNDS]

Both make a context, two sockets with time-outs and without linger, bind one to a name that nobody else
has, connect the other, close both and terminate. Each has a process of its own, one with all wraps in place
as in a session, one with none. They take turns in short blocks; a round is a block of each. Three clocks
are read: the wall, the processor time of the process (libzmq's threads included), and that of the thread
that calls. A figure is the median of the ratios of the rounds, with their middle half and the 95% interval
of the median that its order statistics give.
"""

from __future__ import annotations

import atexit
import functools
import itertools
import math
import multiprocessing
import os
import secrets
import statistics
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace

import zmq

from pytest_maint.zmq.contexts import OwnContext
from pytest_maint.zmq.guard import Guard, Watched
from pytest_maint.zmq.pairs import BindsSecond
from pytest_maint.zmq.settings import GuardSettings
from pytest_maint.zmq.watch.tracking import Defaults

_BLOCK = 20
_WARM_UP = 200
_ALLOWED = 1.3
_CLOCKS = {"wall": time.perf_counter, "process": time.process_time, "thread": time.thread_time}
_SETTINGS = GuardSettings(enabled=False, timeout=5.0, leaks="error", remap="ipc")
_ITEM = SimpleNamespace(nodeid="test")
_SESSION = secrets.token_hex(4)
_NUMBERS = itertools.count()


def bare() -> None:
    """By hand, as careful code does it."""
    context = zmq.Context()
    sockets = [context.socket(zmq.REQ), context.socket(zmq.REP)]
    try:
        for socket in sockets:
            socket.setsockopt(zmq.RCVTIMEO, 5000)
            socket.setsockopt(zmq.SNDTIMEO, 5000)
            socket.setsockopt(zmq.LINGER, 0)
        endpoint = f"inproc://bare-{_SESSION}-{next(_NUMBERS)}"
        sockets[1].bind(endpoint)
        sockets[0].connect(endpoint)
    finally:
        for socket in sockets:
            socket.close()
        context.term()


def ours(guard: Guard) -> None:
    """By the factory, watched from the start of a test and judged as at its end."""
    watched = guard.watched = guard.tracker.owner = Watched(_ITEM, _SETTINGS)
    guard.tracker.defaults, guard.tracker.poll_limit = Defaults(5000, 1000), 5000
    own = OwnContext(guard)
    BindsSecond(own, "REQ", "REP", 5.0)()
    own.end()
    guard.judge(watched)
    assert not watched.findings


def block(call: Callable[[], None]) -> dict[str, float]:
    """Seconds of one call, by each clock."""
    began = {name: clock() for name, clock in _CLOCKS.items()}
    for _ in range(_BLOCK):
        call()
    return {name: (clock() - began[name]) / _BLOCK for name, clock in _CLOCKS.items()}


def serve(name: str, commands: Connection) -> None:
    """One side, in a process of its own: a block for each command, until the other end hangs up."""
    if name == "ours":
        guard = Guard(SimpleNamespace(rootpath=Path.cwd()))
        guard.tracker.install()
        atexit.register(guard.tracker.uninstall)
    call = functools.partial(ours, guard) if name == "ours" else bare
    for _ in range(_WARM_UP):
        call()
    while commands.recv():
        commands.send(block(call))


def main(rounds: int) -> int:
    """The exit status is 1 when ours takes more than 1.3 times the wall or the processor time."""
    spawn = multiprocessing.get_context("spawn")
    pipes, processes = {}, []
    for name in ("ours", "bare"):
        pipes[name], far = spawn.Pipe()
        processes.append(spawn.Process(target=serve, args=(name, far), daemon=True))
        processes[-1].start()
    took: dict[str, list[dict[str, float]]] = {name: [] for name in pipes}
    for number in range(rounds):
        for name in sorted(pipes, reverse=bool(number % 2)):
            pipes[name].send(True)
            took[name].append(pipes[name].recv())
    for pipe, process in zip(pipes.values(), processes, strict=True):
        pipe.send(False)
        process.join()
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"inproc REQ/REP, set-up and teardown: {rounds} rounds of {_BLOCK}")
    print(f"pyzmq {zmq.__version__}, Python {sys.version.split()[0]}, load {load}")
    middles = {name: told(name, took["ours"], took["bare"]) for name in _CLOCKS}
    return int(max(middles["wall"], middles["process"]) > _ALLOWED)


def told(clock: str, by_fixture: list[dict[str, float]], by_hand: list[dict[str, float]]) -> float:
    """Print the figures of one clock; the median of its ratios."""
    ratios = sorted(one[clock] / other[clock] for one, other in zip(by_fixture, by_hand, strict=True))
    low, middle, high = statistics.quantiles(ratios, n=4)
    # the order statistics that are 1.96 standard deviations of a binomial variable off the middle
    off = 0.98 * math.sqrt(len(ratios))
    first = ratios[max(0, math.floor(len(ratios) / 2 - off))]
    last = ratios[min(len(ratios) - 1, math.ceil(len(ratios) / 2 + off))]
    took = [statistics.median(each[clock] for each in side) * 1e6 for side in (by_fixture, by_hand)]
    print(
        f"  {clock:8} ours {took[0]:4.0f} us, bare {took[1]:4.0f} us; ratio {middle:.2f} "
        f"(95% {first:.2f}..{last:.2f}, middle half {low:.2f}..{high:.2f}, allowed {_ALLOWED})"
    )
    return middle


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
