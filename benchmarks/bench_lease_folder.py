"""What the lock file of a lease costs: in memory and on disk, written over or truncated, deleted or kept.

    python benchmarks/bench_lease_folder.py [--rounds 15] [--number 200]

Each way takes the lock, notes 60 bytes, and lets go; in each round all ways run in random order. The ratio is
to the first way in the same round, with its spread over the rounds.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import timeit
from collections.abc import Callable
from pathlib import Path

from maint.ports import lockfile

NOTE = {"pid": 12345, "name": "benchmark", "since": 1.0, "worker": "gw0"}
TEXT = b"x" * 60


def written_over(path: Path) -> None:
    descriptor = lockfile.lock(path)
    assert descriptor is not None
    lockfile.note(descriptor, NOTE)
    lockfile.unlock(descriptor, path)


def truncated(path: Path) -> None:
    descriptor = lockfile.lock(path)
    assert descriptor is not None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, TEXT, 0)
    lockfile.unlock(descriptor, path)


def kept(path: Path) -> None:
    descriptor = lockfile.lock(path)
    assert descriptor is not None
    lockfile.note(descriptor, NOTE)
    lockfile.close(descriptor)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--number", type=int, default=200)
    arguments = parser.parse_args()
    ways: list[Callable[[Path], None]] = [written_over, truncated, kept]
    taken: dict[tuple[str, str], list[float]] = {}
    with (
        tempfile.TemporaryDirectory(dir="/dev/shm") as memory,
        tempfile.TemporaryDirectory(dir="/tmp") as disk,
    ):
        contest = [
            (way, name, Path(at) / "1.tcp")
            for name, at in (("/dev/shm", memory), ("/tmp", disk))
            for way in ways
        ]
        for _ in range(arguments.rounds):
            for way, name, path in random.sample(contest, len(contest)):
                seconds = timeit.timeit(lambda way=way, path=path: way(path), number=arguments.number)
                taken.setdefault((name, way.__name__), []).append(seconds / arguments.number * 1e6)
    base = taken["/dev/shm", "written_over"]
    print("| folder | way | median | ratio (spread) |\n|---|---|---|---|")
    for way, name, _ in contest:
        times = taken[name, way.__name__]
        ratios = sorted(one / other for one, other in zip(times, base, strict=True))
        spread = f"{statistics.median(ratios):.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f})"
        print(
            f"| `{name}` | {way.__name__.replace('_', ' ')} | {statistics.median(times):.0f} µs | {spread} |"
        )


if __name__ == "__main__":
    main()
