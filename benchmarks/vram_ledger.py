"""Stress the ledger of GPU memory: 100,000 budgets over 8 processes, one of them killed at every 500th.

    python benchmarks/vram_ledger.py [--acquisitions N] [--processes N] [--kill-every N]

The card has 16 units. Who was given some takes as many of 16 byte locks from the kernel, which gives them
back when a process dies, and not before: where the ledger gives out too much, a lock is missing. That is the
audit, and it knows nothing of the ledger. Exit 1 where anything was given twice, or nothing moved for 20
seconds.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import random
import signal
import statistics
import struct
import sys
import tempfile
import time
from mmap import mmap
from pathlib import Path

from maint.gpu.ledger import Ledger

UNITS = 16
STUCK_S = 20.0
_SLOT = struct.Struct("<QQQ")  # acquisitions, of them after waiting, given twice
_WAITED_S = 0.001


class Tally:
    """What the processes did, one slot each, in memory that they share."""

    def __init__(self, slots: int) -> None:
        self._memory = mmap(-1, slots * _SLOT.size)
        self._slots = slots

    def add(self, slot: int, waited: bool, twice: bool) -> None:
        at = slot * _SLOT.size
        done, late, bad = _SLOT.unpack_from(self._memory, at)
        _SLOT.pack_into(self._memory, at, done + 1, late + waited, bad + twice)

    def sums(self) -> tuple[int, int, int]:
        rows = [_SLOT.unpack_from(self._memory, slot * _SLOT.size) for slot in range(self._slots)]
        done, late, bad = map(sum, zip(*rows, strict=True))
        return done, late, bad


def took(card: int, units: int) -> bool:
    """Lock ``units`` of the card's bytes; False where fewer than that are free."""
    mine = 0
    for unit in range(UNITS):
        if mine == units:
            break
        try:
            fcntl.lockf(card, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, unit)
        except BlockingIOError:
            continue
        mine += 1
    return mine == units


def work(folder: Path, slot: int, seed: int, tally: Tally) -> None:
    """Take and give back until killed."""
    chance = random.Random(seed)
    ledger = Ledger(folder / "user" / "ledger", lambda: {"card": UNITS})
    card = os.open(folder / "card", os.O_RDWR)
    while True:
        size, whole = chance.choice((1, 1, 2, 3, 4, 6, 8, 12, UNITS)), chance.random() < 0.02
        begun = time.monotonic()
        ticket = ledger.acquire(size, owner=f"p{slot}", wait_s=STUCK_S, exclusive=whole)
        tally.add(slot, time.monotonic() - begun > _WAITED_S, not took(card, UNITS if whole else size))
        if chance.random() < 0.3:
            os.sched_yield()
        fcntl.lockf(card, fcntl.LOCK_UN, UNITS, 0)
        ledger.release(ticket)


def start(folder: Path, slot: int, seed: int, tally: Tally) -> int:
    """A process of its own; its id."""
    if pid := os.fork():
        return pid
    try:
        work(folder, slot, seed, tally)
    except BaseException as error:  # noqa: BLE001 - a fork must not run on into the parent's code
        print(f"process {slot}: {error!r}", file=sys.stderr, flush=True)
    finally:
        os._exit(1)


def campaign(folder: Path, acquisitions: int, processes: int, kill_every: int) -> tuple[Tally, int, bool]:
    """Run them; what they did, how many were killed, and whether all went on to the end."""
    tally, seeds, kills = Tally(processes), iter(range(10**9)), 0
    (folder / "card").write_bytes(b"")
    running = {slot: start(folder, slot, next(seeds), tally) for slot in range(processes)}
    moved, last, flowing = 0, time.monotonic(), True
    try:
        while (done := tally.sums()[0]) < acquisitions:
            if done > moved:
                moved, last = done, time.monotonic()
            ended = os.waitpid(-1, os.WNOHANG)[0]
            if ended or time.monotonic() - last > STUCK_S:
                flowing = False
                running = {slot: pid for slot, pid in running.items() if pid != ended}
                break
            if done // kill_every > kills:
                slot = random.Random(kills).randrange(processes)
                os.kill(running[slot], signal.SIGKILL)
                os.waitpid(running[slot], 0)
                running[slot] = start(folder, slot, next(seeds), tally)
                kills += 1
            time.sleep(0.0005)
    finally:
        for pid in running.values():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return tally, kills, flowing


def alone(folder: Path) -> float:
    """Seconds for a budget that is there at once, acquired and given back; the median."""
    ledger, taken = Ledger(folder / "user" / "alone", lambda: {"card": UNITS}), []
    for _ in range(500):
        begun = time.perf_counter()
        ledger.release(ledger.acquire(1, owner="alone", wait_s=1.0))
        taken.append(time.perf_counter() - begun)
    ledger.leave()
    return statistics.median(taken)


def main() -> int:
    """Print what happened, and what a budget costs that nobody else wants."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--acquisitions", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--kill-every", type=int, default=500)
    parser.add_argument("--folder", default="/dev/shm", help="where the ledger is kept (default: /dev/shm)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        alone_us = alone(Path(folder)) * 1e6
        begun = time.monotonic()
        tally, kills, flowing = campaign(Path(folder), given.acquisitions, given.processes, given.kill_every)
        took_s = time.monotonic() - begun
    done, late, twice = tally.sums()
    print(
        f"{done:,} acquisitions by {given.processes} processes in {took_s:.1f} s, {late:,} after a wait of "
        f"over 1 ms, {kills:,} killed: {twice} oversubscribed, {'none' if flowing else 'SOME'} stuck"
    )
    print(f"acquire and release with nobody waiting: {alone_us:.0f} us, median of 500, in {given.folder}")
    return int(bool(twice) or not flowing)


if __name__ == "__main__":
    sys.exit(main())
