"""From timed slots to one block's reading: a paired log ratio on each clock, and which clock decides."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import fmean, median
from typing import Literal

import msgspec

Clock = Literal["cpu", "wall"]

_FEWEST_FOR_MEDIAN = 6
_OUTLYING = 5.0
_LARGEST_DROP = 4
_WAITING = 0.05
_PARALLEL = 1.2


class Slot(msgspec.Struct, frozen=True):
    """One timed slot of n calls on one side; all three in nanoseconds.

    ``waited_ns`` is time off the CPU and not runnable: wall less CPU less the wait in the run queue, so a
    busy machine does not count as waiting. It is 0 for code that never blocks.
    """

    wall_ns: int
    cpu_ns: int
    waited_ns: int


class Pair(msgspec.Struct, frozen=True):
    """Two neighbouring slots with the same number of calls, one a side."""

    baseline: Slot
    head: Slot


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What one block (one fresh pair of processes) says of one benchmark.

    ``cpu`` and ``wall`` are ln(head / baseline) on that clock; ``waits`` is the share of its time that the
    side that waits more spends blocked; ``*_s`` are seconds per call; ``pairs`` counts the pairs kept;
    ``seed`` is the hash seed both sides ran with. A clock that cannot resolve the slots reads 0 everywhere.
    """

    cpu: float
    wall: float
    waits: float
    baseline_cpu_s: float
    head_cpu_s: float
    baseline_wall_s: float
    head_wall_s: float
    pairs: int
    seed: int

    def log_ratio(self, clock: Clock) -> float:
        """Return ln(head / baseline) on that clock."""
        return self.cpu if clock == "cpu" else self.wall

    def seconds(self, clock: Clock) -> tuple[float, float]:
        """Return seconds per call on that clock: baseline, head."""
        if clock == "cpu":
            return self.baseline_cpu_s, self.head_cpu_s
        return self.baseline_wall_s, self.head_wall_s


def read_block(pairs: Sequence[Pair], calls: int, seed: int) -> Reading:
    """Reduce one block's pairs, each slot being ``calls`` calls, to a reading.

    The value on a clock is the median of the pairs' log ratios (their mean below six pairs, where a median
    wastes more than it protects). Pairs disturbed on either side are left out by a rule that cannot see
    which side was slower.

    Raises:
        ValueError: there are no pairs, or ``calls`` is below 1.
    """
    if not pairs or calls < 1:
        raise ValueError(f"block: {len(pairs)} pairs of {calls} calls, at least one of each is needed")
    kept = _undisturbed(pairs)
    baseline, head = [pair.baseline for pair in kept], [pair.head for pair in kept]
    return Reading(
        cpu=_log_ratio(kept, _cpu),
        wall=_log_ratio(kept, _wall),
        waits=max(_waiting_share(baseline), _waiting_share(head)),
        baseline_cpu_s=_seconds(baseline, _cpu, calls),
        head_cpu_s=_seconds(head, _cpu, calls),
        baseline_wall_s=_seconds(baseline, _wall, calls),
        head_wall_s=_seconds(head, _wall, calls),
        pairs=len(kept),
        seed=seed,
    )


def choose_clock(readings: Sequence[Reading], forced: str = "auto") -> Clock:
    """Say which clock decides a benchmark, from all its readings so far.

    CPU time is several times steadier than wall time on a busy machine, so it decides wherever it tells the
    whole story. It does not, and wall time decides, when

    - a side spends over 5 % of its time blocked (median over blocks): sleeping, I/O, locks, child processes.
      The side that waits more counts, so a head that adds waiting cannot hide;
    - a side burns over 1.2 s of CPU per second (threads): work moved to another thread is still latency;
    - the CPU clock is too coarse for the slots and reads zero.

    ``forced`` is the marker's ``clock=``: ``cpu`` and ``wall`` settle it, ``auto`` applies the rule.
    """
    if forced == "cpu":
        return "cpu"
    if forced == "wall":
        return "wall"
    if not readings:
        return "cpu"
    if any(min(r.baseline_cpu_s, r.head_cpu_s) <= 0.0 for r in readings):
        return "wall"
    if median(r.waits for r in readings) > _WAITING:
        return "wall"
    sides = (
        [_parallelism(r.baseline_cpu_s, r.baseline_wall_s) for r in readings],
        [_parallelism(r.head_cpu_s, r.head_wall_s) for r in readings],
    )
    return "wall" if max(map(median, sides)) > _PARALLEL else "cpu"


def _cpu(slot: Slot) -> int:
    return slot.cpu_ns


def _wall(slot: Slot) -> int:
    return slot.wall_ns


def _undisturbed(pairs: Sequence[Pair]) -> list[Pair]:
    """Leave out the pairs that took over five times the usual, at most a quarter of them, worst first."""
    lengths = [pair.baseline.wall_ns + pair.head.wall_ns for pair in pairs]
    limit = _OUTLYING * median(lengths)
    outlying = [i for i in range(len(pairs)) if lengths[i] > limit]
    outlying.sort(key=lengths.__getitem__, reverse=True)
    dropped = set(outlying[: len(pairs) // _LARGEST_DROP])
    return [pair for i, pair in enumerate(pairs) if i not in dropped]


def _log_ratio(pairs: Sequence[Pair], clock: Callable[[Slot], int]) -> float:
    """Median (or mean) log ratio over the pairs both of whose slots the clock resolves; 0 if none."""
    ratios = [
        math.log(clock(pair.head) / clock(pair.baseline))
        for pair in pairs
        if clock(pair.head) > 0 and clock(pair.baseline) > 0
    ]
    if not ratios:
        return 0.0
    return median(ratios) if len(ratios) >= _FEWEST_FOR_MEDIAN else fmean(ratios)


def _seconds(slots: Sequence[Slot], clock: Callable[[Slot], int], calls: int) -> float:
    return median(clock(slot) for slot in slots) / calls * 1e-9


def _waiting_share(slots: Sequence[Slot]) -> float:
    return median(slot.waited_ns / slot.wall_ns if slot.wall_ns > 0 else 0.0 for slot in slots)


def _parallelism(cpu_s: float, wall_s: float) -> float:
    return cpu_s / wall_s if wall_s > 0.0 else 1.0
