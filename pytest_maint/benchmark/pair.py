"""Two suspended workers, one benchmark: calibrate, warm up, and time paired slots."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import NamedTuple

from maint.regression.reading import Pair, Reading, Slot, read_block

from .cpus import allowed_cores, quietest_core
from .process import WorkerProcess

SLOT_NS = 10_000_000
"""Length aimed at for one slot: long enough for the clocks, short enough that both slots of a pair meet the
same machine (tango uses the same length)."""

BLOCK_NS = 120_000_000
"""Time spent on one benchmark in one block, both sides together."""

_MOST_PAIRS = 12
# With set-up between the calls; a set-up that takes a hundred times its call leaves little to time.
_LONGEST_SLOT_NS = 50_000_000
_LONGEST_BLOCK_NS = 400_000_000
_SLOW_CALL_NS = 100_000_000
_WAITS = 0.05
_PARALLEL = 1.2


class CallFailed(Exception):
    """A call of ``side`` raised while it was timed; ``failure`` is empty where its test passed even so."""

    def __init__(self, side: str, failure: Mapping[str, str]) -> None:
        super().__init__(side)
        self.side = side
        self.failure = failure


class Calibration(NamedTuple):
    """Settled once for a benchmark and kept for all blocks, so that every slot does the same work.

    ``calls`` a slot, ``pairs`` a block, at most ``warm_up`` slots before it, and whether to pin both workers
    to one core.
    """

    calls: int
    pairs: int
    warm_up: int
    pinned: bool


class LongSlot(Slot, frozen=True):
    """A slot with the time from its start to its end, in ns: set-up between the timed calls included, time
    in the run queue not."""

    elapsed_ns: int


class WorkerPair:
    """Both workers of a block, each suspended in the same benchmark when the methods are called."""

    def __init__(self, baseline: WorkerProcess, head: WorkerProcess, seed: int, timeout_s: float) -> None:
        self.baseline = baseline
        self.head = head
        self._seed = seed
        self._timeout_s = timeout_s
        self._core: set[int] | None = None
        # The coin for the order of slots must not depend on global state that tests may seed.
        self._coin = random.Random(seed)

    def calibrate(self) -> Calibration:
        """Find how many calls fill a slot, on the side that needs fewer."""
        self._spread()
        workers = (self.baseline, self.head)
        sides = [self._fill_slot(worker) for worker in workers]
        calls = min(calls for calls, _ in sides)
        busy = sum(max(1, _busy(slot) * calls // n) for n, slot in sides)
        elapsed = sum(max(1, slot.elapsed_ns * calls // n) for n, slot in sides)
        pairs = 2 * round(min(BLOCK_NS / busy, _LONGEST_BLOCK_NS / elapsed) / 2)
        single = calls == 1 and elapsed >= 2 * _SLOW_CALL_NS
        return Calibration(
            calls=calls,
            pairs=1 if single else max(2, min(_MOST_PAIRS, pairs)),
            warm_up=0 if single else 5,
            pinned=not any(self._needs_all_cores(w, *side) for w, side in zip(workers, sides, strict=True)),
        )

    def measure(self, plan: Calibration, calls_per_run: int) -> Reading:
        """Time one block: quads in the order ABBA or BAAB by coin, the same number of calls in every slot."""
        if plan.pinned:
            self._gather()
        else:
            self._spread()
        self._warm_up(plan)
        pairs: list[Pair] = []
        while len(pairs) < plan.pairs:
            head_first = self._coin.random() < 0.5
            pairs.append(self._pair(plan.calls, head_first))
            if len(pairs) < plan.pairs:
                pairs.append(self._pair(plan.calls, not head_first))
        # What follows is not timed and may as well use both cores.
        self._spread()
        return read_block(pairs, plan.calls * calls_per_run, self._seed)

    def _pair(self, calls: int, head_first: bool) -> Pair:
        if head_first:
            head = self._slot(self.head, calls)
            return Pair(baseline=self._slot(self.baseline, calls), head=head)
        baseline = self._slot(self.baseline, calls)
        return Pair(baseline=baseline, head=self._slot(self.head, calls))

    def _warm_up(self, plan: Calibration) -> None:
        """Half slots on each side until two in a row agree within 10 %."""
        calls = max(1, plan.calls // 2)
        for worker in (self.baseline, self.head):
            before = 0
            for _ in range(plan.warm_up):
                now = _busy(self._slot(worker, calls))
                if before and abs(now - before) < 0.1 * before:
                    break
                before = now

    def _fill_slot(self, worker: WorkerProcess) -> tuple[int, LongSlot]:
        """Raise the number of calls until a slot is long enough, or its set-up takes too long."""
        calls = 1
        while True:
            slot = self._slot(worker, calls)
            busy, elapsed = max(1, _busy(slot)), max(1, slot.elapsed_ns)
            if busy >= 0.8 * SLOT_NS or elapsed >= 0.8 * _LONGEST_SLOT_NS:
                return calls, slot
            wanted = calls * min(SLOT_NS / busy, _LONGEST_SLOT_NS / elapsed)
            # A first call is cold: no leap beyond a hundredfold on its word.
            calls = min(100 * calls, max(calls + 1, int(wanted)))

    def _needs_all_cores(self, worker: WorkerProcess, calls: int, slot: Slot) -> bool:
        """Whether slots wait or run in parallel; one that does may have met a page fault, two in a row do."""
        return _waits_or_spreads(slot) and _waits_or_spreads(self._slot(worker, calls))

    def _slot(self, worker: WorkerProcess, calls: int) -> LongSlot:
        worker.send("run", n=calls)
        answer = worker.receive(self._timeout_s, "slot", "done")
        if answer["kind"] == "done":
            raise CallFailed(worker.side, answer["failure"])
        return LongSlot(answer["wall"], answer["cpu"], answer["waited"], answer["elapsed"])

    def _gather(self) -> None:
        """Pin both workers to the core that is quietest now."""
        if self._core is None:
            self._core = quietest_core()
        self._pin(self._core)

    def _spread(self) -> None:
        """Let both workers use every core: for benchmarks that wait, or use threads or children."""
        self._pin(allowed_cores())

    def _pin(self, cores: set[int]) -> None:
        for worker in (self.baseline, self.head):
            worker.pin(cores)


def _busy(slot: Slot) -> int:
    """What the slot would take on an idle machine: CPU time and time blocked, no time in the run queue."""
    return slot.cpu_ns + slot.waited_ns


def _waits_or_spreads(slot: Slot) -> bool:
    return slot.waited_ns > _WAITS * slot.wall_ns or slot.cpu_ns > _PARALLEL * slot.wall_ns
