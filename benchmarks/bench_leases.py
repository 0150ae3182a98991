"""Leases of ports under load and kill -9, beside what else hands out free ports.

    python benchmarks/bench_leases.py [--leases 10000] [--workers 8] [--rounds 4] [--out FILE]

Each worker process gets a port, waits up to 2 ms as a test does before its server is up, binds and listens,
waits up to 2 ms, closes, and gives the port back. Another process opens 200 outgoing connections a second,
each for half a second. After every 100 leases one worker is killed with SIGKILL and replaced; each worker has
forked a child under its first lease, which outlives it. The contestants take turns, in random order in each
round, on one machine in one run.

A double lease is a port that two processes had at once: from after the one got it until before it gave it
back, was killed, or the round ended. A bind failure is a port that could not be bound by who got it. An
orphan is a lease of a killed worker that nobody could get one second after its death. The time is that of
getting a port; its ratio is that of the medians to close-and-return in the same round.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import mmap
import os
import random
import signal
import socket
import statistics
import struct
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from maint.ports import lockfile
from maint.ports.lease import Leasing
from maint.ports.ranges import ephemeral, lease_range, parse

GAP_S = HOLD_S = 0.002
KILL_EVERY = 100
ORPHAN_S = 1.0
CONNECTIONS_PER_S = 200
REFERENCE = "close and return"
OURS = "maint"
# kind, pid, port, from, to: 32 bytes, so that no record lies across two pages and is seen half
RECORD = struct.Struct("=c3xIIdd4x")
GOT, BACK, FAILED, KILLED = b"G", b"B", b"F", b"K"

Give = Callable[[], None]
Get = Callable[[], tuple[int, Give]]


class Round(NamedTuple):
    """One contestant's result in one round; times in microseconds."""

    contestant: str
    leases: int
    kills: int
    doubles: int
    failures: int
    orphans: int | None
    slowest_recovery_ms: float | None
    median_us: float
    p99_us: float


def close_and_return() -> Get:
    def get() -> tuple[int, Give]:
        with socket.socket() as made:
            made.bind(("127.0.0.1", 0))
            return made.getsockname()[1], nothing

    return get


def asyncio_factory() -> Get:
    """The function behind pytest-asyncio's ``unused_tcp_port_factory``, with its set of earlier ports."""
    from pytest_asyncio.plugin import _unused_port

    produced: set[int] = set()

    def get() -> tuple[int, Give]:
        port = _unused_port(socket.SOCK_STREAM)
        while port in produced:
            port = _unused_port(socket.SOCK_STREAM)
        produced.add(port)
        return port, nothing

    return get


def with_portpicker() -> Get:
    import portpicker

    return lambda: (portpicker.pick_unused_port(), nothing)


def with_port_for() -> Get:
    import port_for

    ports = port_for.available_good_ports()
    return lambda: (port_for.select_random(ports), nothing)


def maint() -> Get:
    leasing = Leasing(lease_range(parse("20000-29999"), ephemeral()).ports)

    def get() -> tuple[int, Give]:
        lease = leasing.lease("bench")
        return lease.port, lease.release

    return get


CONTESTANTS: dict[str, Callable[[], Get]] = {
    OURS: maint,
    "portpicker": with_portpicker,
    "port-for": with_port_for,
    "pytest-asyncio factory": asyncio_factory,
    REFERENCE: close_and_return,
}


def nothing() -> None:
    pass


def work(make: Callable[[], Get], log: int, stop: mmap.mmap, seed: int) -> None:
    """Get, bind and give back ports until told to stop."""
    draw, get = random.Random(seed), make()
    first = True
    while not stop[0]:
        asked = time.perf_counter()
        port, give_back = get()
        os.write(log, RECORD.pack(GOT, os.getpid(), port, asked, time.perf_counter()))
        if first and os.fork() == 0:
            outlive(stop)
        first = False
        time.sleep(draw.random() * GAP_S)
        with socket.socket() as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                server.bind(("127.0.0.1", port))
                server.listen()
            except OSError:
                os.write(log, RECORD.pack(FAILED, os.getpid(), port, 0, 0))
            time.sleep(draw.random() * HOLD_S)
        os.write(log, RECORD.pack(BACK, os.getpid(), port, 0, time.perf_counter()))
        give_back()


def outlive(stop: mmap.mmap) -> None:
    while not stop[0]:
        time.sleep(0.02)
    os._exit(0)


def connect(stop: mmap.mmap) -> None:
    """Open outgoing connections to a server of our own, each for half a second."""
    held: list[tuple[float, socket.socket]] = []
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as server:
        while not stop[0]:
            held.append((time.perf_counter(), socket.create_connection(server.getsockname())))
            held.append((time.perf_counter(), server.accept()[0]))
            while held and time.perf_counter() - held[0][0] > 0.5:
                held.pop(0)[1].close()
            time.sleep(1 / CONNECTIONS_PER_S)


def child(run: Callable[[], None]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            run()
        except BaseException:  # noqa: BLE001 - a fork must not go on as the benchmark
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    return pid


class Contest:
    """One contestant in one round: starts the workers, kills some, reads what they wrote down."""

    def __init__(
        self, contestant: str, leases: int, workers: int, kill_every: int, draw: random.Random
    ) -> None:
        self.contestant, self.leases, self.kill_every, self.draw = contestant, leases, kill_every, draw
        self.records: list[tuple[bytes, int, int, float, float]] = []
        self.recoveries: list[float] = []
        self.stop = mmap.mmap(-1, 1)
        self.at = 0
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by run
        # one record a write, whole and in the order of time, from all workers
        fcntl.fcntl(self.file, fcntl.F_SETFL, os.O_APPEND)
        self.connector = child(lambda: connect(self.stop))
        self.workers = [self.start() for _ in range(workers)]

    def start(self) -> int:
        make, seed = CONTESTANTS[self.contestant], self.draw.getrandbits(64)
        return child(lambda: work(make, self.file.fileno(), self.stop, seed))

    def run(self) -> Round:
        got = kills = 0
        try:
            while got < self.leases:
                got += sum(kind == GOT for kind, *_ in self.read())
                if self.kill_every and got >= (kills + 1) * self.kill_every and got < self.leases:
                    kills += 1
                    self.kill()
                time.sleep(0.001)
        finally:
            self.stop[0] = 1
            codes = [os.waitpid(pid, 0)[1] for pid in (*self.workers, self.connector)]
            end = time.perf_counter()
            self.read()
            self.file.close()
        if any(codes):
            raise SystemExit(f"{self.contestant}: a worker failed")
        return self.judged(kills, end)

    def read(self) -> list[tuple[bytes, int, int, float, float]]:
        new = list(RECORD.iter_unpack(os.pread(self.file.fileno(), RECORD.size * 100_000, self.at)))
        self.at += len(new) * RECORD.size
        self.records += new
        return new

    def kill(self) -> None:
        index = self.draw.randrange(len(self.workers))
        pid = self.workers[index]
        sent = time.perf_counter()
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        died = time.perf_counter()
        self.read()
        self.records.append((KILLED, pid, 0, 0.0, sent))
        self.workers[index] = self.start()
        if self.contestant == OURS:
            self.recoveries += [recovery(port, pid, died) for port in self.open_ports(pid)]

    def open_ports(self, pid: int) -> set[int]:
        """The ports that ``pid`` got and had not given back."""
        found: set[int] = set()
        for kind, by, port, *_ in self.records:
            if by == pid and kind == GOT:
                found.add(port)
            elif by == pid and kind == BACK:
                found.discard(port)
        return found

    def judged(self, kills: int, end: float) -> Round:
        taken = sorted((to - since) * 1e6 for kind, _, _, since, to in self.records if kind == GOT)
        ours = self.contestant == OURS
        return Round(
            self.contestant,
            len(taken),
            kills,
            doubles(intervals(self.records, end)),
            sum(kind == FAILED for kind, *_ in self.records),
            sum(delay > ORPHAN_S for delay in self.recoveries) if ours else None,
            max(self.recoveries, default=0.0) * 1e3 if ours else None,
            statistics.median(taken),
            taken[int(len(taken) * 0.99)],
        )


def recovery(port: int, dead: int, died: float) -> float:
    """Seconds after its death until nobody is kept from a port that a dead worker had leased."""
    path = lockfile.path_of(lockfile.folder(), port, "tcp")
    while (delay := time.perf_counter() - died) <= ORPHAN_S:
        noted = lockfile.held_by(path)
        if noted is None or noted.get("pid") not in (dead, None):
            break
        time.sleep(0.001)
    return delay


def intervals(
    records: list[tuple[bytes, int, int, float, float]], end: float
) -> Iterator[tuple[int, float, float]]:
    """(port, since, until) of every lease."""
    open_: dict[tuple[int, int], float] = {}
    for kind, pid, port, _, at in records:
        if kind == GOT:
            open_[pid, port] = at
        elif kind == BACK:
            yield port, open_.pop((pid, port)), at
        elif kind == KILLED:
            for key in [key for key in open_ if key[0] == pid]:
                yield key[1], open_.pop(key), at
    for (_, port), since in open_.items():
        yield port, since, end


def doubles(leases: Iterator[tuple[int, float, float]]) -> int:
    by_port: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for port, since, until in leases:
        by_port[port].append((since, until))
    found = 0
    for spans in by_port.values():
        latest = float("-inf")
        for since, until in sorted(spans):
            found += since < latest
            latest = max(latest, until)
    return found


def table(rounds: list[Round]) -> Iterator[str]:
    heads = ("contestant", "leases", "kill -9", "double leases", "bind failures", "orphans after 1 s")
    yield f"| {' | '.join((*heads, 'median', 'p99', 'ratio (spread)'))} |"
    yield "|---" * 9 + "|"
    of: dict[str, list[Round]] = defaultdict(list)
    for one in rounds:
        of[one.contestant].append(one)
    for name in CONTESTANTS:
        mine, base = of[name], of[REFERENCE]
        ratios = [one.median_us / other.median_us for one, other in zip(mine, base, strict=True)]
        orphans = sum(one.orphans or 0 for one in mine) if mine[0].orphans is not None else "-"
        yield (
            f"| {name} | {sum(one.leases for one in mine):,} | {sum(one.kills for one in mine)} "
            f"| {sum(one.doubles for one in mine)} | {sum(one.failures for one in mine)} | {orphans} "
            f"| {statistics.median(one.median_us for one in mine):.0f} µs "
            f"| {statistics.median(one.p99_us for one in mine):.0f} µs "
            f"| {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) |"
        )
    slowest = max(one.slowest_recovery_ms or 0.0 for one in of[OURS])
    yield f"\nslowest recovery of a killed worker's lease: {slowest:.0f} ms"


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--leases", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--kill-every", type=int, default=100, help="leases between two kills; 0 for none")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="the rounds, one JSON object a line")
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    rounds: list[Round] = []
    with contextlib.suppress(KeyboardInterrupt):
        for _ in range(arguments.rounds):
            for name in draw.sample(list(CONTESTANTS), len(CONTESTANTS)):
                leases = arguments.leases // arguments.rounds
                contest = Contest(name, leases, arguments.workers, arguments.kill_every, draw)
                rounds.append(contest.run())
                print(rounds[-1], file=sys.stderr)
    if arguments.out:
        arguments.out.write_text("".join(json.dumps(one._asdict()) + "\n" for one in rounds))
    print("\n".join(table(rounds)))


if __name__ == "__main__":
    main()
