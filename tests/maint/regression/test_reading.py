"""A block's pairs become a reading that one bad pair, a coarse clock or hidden waiting cannot spoil."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maint.regression.reading import Pair, Reading, Slot, choose_clock, read_block

SLOT_NS = 10_000_000

durations = st.integers(0, 10**10)
slots = st.builds(Slot, wall_ns=durations, cpu_ns=durations, waited_ns=durations)
pairs_of_any_kind = st.lists(st.builds(Pair, slots, slots), min_size=1, max_size=20)


def slot(wall_ns: int, *, cpu_ns: int | None = None, waited_ns: int = 0) -> Slot:
    return Slot(wall_ns, wall_ns if cpu_ns is None else cpu_ns, waited_ns)


def pair(ratio: float, scale: float = 1.0) -> Pair:
    return Pair(slot(round(SLOT_NS * scale)), slot(round(SLOT_NS * scale * ratio)))


def reading(
    *, waits: float = 0.0, cpu_s: tuple[float, float] = (1.0, 1.0), wall_s: tuple[float, float] = (1.0, 1.0)
) -> Reading:
    return Reading(
        cpu=0.0,
        wall=0.0,
        waits=waits,
        baseline_cpu_s=cpu_s[0],
        head_cpu_s=cpu_s[1],
        baseline_wall_s=wall_s[0],
        head_wall_s=wall_s[1],
        pairs=8,
        seed=0,
    )


def test_a_block_reads_log_ratios_and_seconds_per_call() -> None:
    block = read_block([pair(1.3)] * 8, calls=1000, seed=7)
    assert block.cpu == block.wall == pytest.approx(math.log(1.3))
    assert block.baseline_wall_s == pytest.approx(10e-6)
    assert block.head_wall_s == pytest.approx(13e-6)
    assert (block.pairs, block.seed, block.waits) == (8, 7, 0.0)


def test_each_clock_has_its_own_ratio() -> None:
    sample = Pair(slot(SLOT_NS, cpu_ns=5_000_000), slot(2 * SLOT_NS, cpu_ns=6_000_000))
    block = read_block([sample] * 6, calls=1, seed=0)
    assert block.wall == pytest.approx(math.log(2.0))
    assert block.cpu == pytest.approx(math.log(1.2))
    assert block.log_ratio("cpu") == block.cpu
    assert block.seconds("cpu") == pytest.approx((5e-3, 6e-3))
    assert block.seconds("wall") == pytest.approx((10e-3, 20e-3))


def test_six_pairs_give_a_median_and_five_a_mean() -> None:
    assert read_block([pair(1.0)] * 5 + [pair(2.0)], 1, 0).wall == 0.0
    assert read_block([pair(1.0)] * 4 + [pair(2.0)], 1, 0).wall == pytest.approx(math.log(2.0) / 5)


def test_drift_common_to_both_sides_cancels() -> None:
    drifting = [pair(1.2, scale=1.0 + 0.2 * i) for i in range(8)]
    assert read_block(drifting, 1, 0).wall == pytest.approx(math.log(1.2), abs=1e-6)


def test_a_disturbed_pair_is_dropped_whichever_side_it_hit() -> None:
    quiet = [pair(1.0)] * 4
    on_head = read_block([*quiet, pair(40.0)], 1, 0)
    on_baseline = read_block([*quiet, Pair(slot(40 * SLOT_NS), slot(SLOT_NS))], 1, 0)
    assert on_head.pairs == on_baseline.pairs == 4
    assert on_head.wall == on_baseline.wall == 0.0


def test_a_slow_head_is_not_a_disturbance() -> None:
    assert read_block([pair(50.0)] * 5, 1, 0).pairs == 5


@given(pairs_of_any_kind)
def test_any_slots_read_as_finite_numbers_and_keep_three_quarters(pairs: list[Pair]) -> None:
    block = read_block(pairs, calls=3, seed=0)
    assert all(map(math.isfinite, (block.cpu, block.wall, block.waits)))
    assert len(pairs) - len(pairs) // 4 <= block.pairs <= len(pairs)


@given(pairs_of_any_kind)
def test_exchanging_the_sides_changes_only_the_sign(pairs: list[Pair]) -> None:
    block = read_block(pairs, 3, 0)
    exchanged = read_block([Pair(p.head, p.baseline) for p in pairs], 3, 0)
    assert exchanged.cpu == pytest.approx(-block.cpu, abs=1e-9)
    assert exchanged.wall == pytest.approx(-block.wall, abs=1e-9)
    assert (exchanged.waits, exchanged.pairs) == (block.waits, block.pairs)
    assert exchanged.seconds("wall") == block.seconds("wall")[::-1]


def test_pairs_the_clock_cannot_resolve_are_left_out_of_its_ratio() -> None:
    unresolved = Pair(slot(SLOT_NS, cpu_ns=0), slot(SLOT_NS, cpu_ns=SLOT_NS))
    block = read_block([unresolved] * 2 + [pair(1.1)] * 6, 1, 0)
    assert block.cpu == pytest.approx(math.log(1.1))
    assert block.wall == pytest.approx(math.log(1.1))


def test_a_clock_that_reads_zero_throughout_gives_zero_and_is_not_chosen() -> None:
    block = read_block([Pair(slot(SLOT_NS, cpu_ns=0), slot(2 * SLOT_NS, cpu_ns=0))] * 6, 1, 0)
    assert block.cpu == block.baseline_cpu_s == 0.0
    assert choose_clock([block]) == "wall"


def test_waiting_is_that_of_the_side_that_waits_more_and_typical_of_its_slots() -> None:
    calm, blocked = slot(SLOT_NS), slot(SLOT_NS, cpu_ns=8_000_000, waited_ns=2_000_000)
    assert read_block([Pair(calm, blocked)] * 6, 1, 0).waits == pytest.approx(0.2)
    assert read_block([Pair(blocked, calm)] * 6, 1, 0).waits == pytest.approx(0.2)
    assert read_block([Pair(calm, blocked)] + [Pair(calm, calm)] * 5, 1, 0).waits == 0.0


@pytest.mark.parametrize(("pairs", "calls"), [([], 1), ([pair(1.0)], 0)])
def test_a_block_of_nothing_is_refused(pairs: list[Pair], calls: int) -> None:
    with pytest.raises(ValueError, match="at least one of each"):
        read_block(pairs, calls, 0)


def test_code_that_only_computes_is_decided_on_cpu_time() -> None:
    assert choose_clock([reading(), reading(waits=0.04), reading()]) == "cpu"
    assert choose_clock([reading(waits=0.5), reading(), reading()]) == "cpu"
    assert choose_clock([]) == "cpu"


def test_run_queue_time_does_not_make_a_benchmark_wait() -> None:
    preempted = Pair(slot(SLOT_NS, cpu_ns=4_000_000), slot(SLOT_NS, cpu_ns=4_000_000))
    assert choose_clock([read_block([preempted] * 6, 1, 0)]) == "cpu"


@pytest.mark.parametrize(
    "readings",
    [
        pytest.param([reading(waits=0.06)] * 2 + [reading()], id="waits in most blocks"),
        pytest.param([reading(cpu_s=(1.0, 1.9))] * 3, id="threads on head"),
        pytest.param([reading(cpu_s=(1.9, 1.0))] * 3, id="threads on the baseline"),
        pytest.param([reading(), reading(cpu_s=(0.0, 1.0))], id="coarse clock"),
    ],
)
def test_wall_time_decides_where_cpu_time_would_hide_something(readings: list[Reading]) -> None:
    assert choose_clock(readings) == "wall"
    assert choose_clock(readings, "cpu") == "cpu"


def test_a_marker_forces_the_clock() -> None:
    assert choose_clock([reading()], "wall") == "wall"
    assert choose_clock([], "wall") == "wall"
