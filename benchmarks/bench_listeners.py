"""What it costs to ask the kernel who listens: sock_diag, /proc/net and psutil, in turns.

    python benchmarks/bench_listeners.py [--rounds 15] [--listeners 50]

The time is CPU time, of the kernel too. The ratio is to ``listeners()`` by sock_diag in the same round, with
its spread over the rounds.
"""

from __future__ import annotations

import argparse
import random
import socket
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack

import psutil

from maint.ports.listeners import _proc_net, listeners, mine

WAYS: dict[str, Callable[[], object]] = {
    "all of the host, by sock_diag": listeners,
    "of this process and its children, by sock_diag": mine,
    "all of the host, from /proc/net": lambda: [list(_proc_net(proto)) for proto in ("tcp", "udp")],
    "of this process, by psutil": lambda: psutil.Process().net_connections(kind="inet"),
    "all of the host, by psutil": lambda: psutil.net_connections(kind="inet"),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--listeners", type=int, default=50)
    arguments = parser.parse_args()
    taken: dict[str, list[float]] = {name: [] for name in WAYS}
    with ExitStack() as stack:
        for _ in range(arguments.listeners):
            stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        for _ in range(arguments.rounds):
            for name in random.sample(list(WAYS), len(WAYS)):
                start = time.process_time()
                for _ in range(10):
                    WAYS[name]()
                taken[name].append((time.process_time() - start) / 10 * 1e3)
    print("| what | median | ratio (spread) |\n|---|---|---|")
    base = next(iter(taken.values()))
    for name, times in taken.items():
        ratios = sorted(one / other for one, other in zip(times, base, strict=True))
        spread = f"{statistics.median(ratios):.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f})"
        print(f"| {name} | {statistics.median(times):.2f} ms | {spread} |")


if __name__ == "__main__":
    main()
