"""The stopwatch tells time at work from time blocked, whatever else the machine does."""

from __future__ import annotations

import select
import sys

import pytest

from pytest_maint.benchmark.worker.clocks import Stopwatch
from pytest_maint.benchmark.worker.slots import Calls, Rounds


def spin() -> int:
    return sum(range(200_000))


def block() -> None:
    select.select([], [], [], 0.02)


@pytest.fixture
def watch() -> Stopwatch:
    return Stopwatch()


def test_work_is_not_waiting(watch: Stopwatch) -> None:
    Calls(spin, (), {}).run(5, watch)
    assert watch.cpu_ns > 0
    # A spinning thread may be preempted, but that is not waiting of its own.
    assert watch.waited_ns < watch.wall_ns / 2


@pytest.mark.skipif(sys.platform != "linux", reason="needs schedstat")
def test_blocking_is_waiting(watch: Stopwatch) -> None:
    Calls(block, (), {}).run(2, watch)
    assert watch.waited_ns > watch.cpu_ns
    assert watch.wall_ns >= 40_000_000


def test_a_new_sum_starts_at_zero(watch: Stopwatch) -> None:
    Calls(spin, (), {}).run(1, watch)
    watch.reset()
    assert (watch.wall_ns, watch.cpu_ns, watch.waited_ns) == (0, 0, 0)


def test_rounds_time_neither_setup_nor_teardown(watch: Stopwatch) -> None:
    seen: list[str] = []
    rounds = Rounds(
        lambda value: seen.append(f"call {value}"),
        (),
        {},
        setup=lambda: (block(), seen.append("setup"), (((1,)), {}))[2],
        teardown=lambda value: (block(), seen.append(f"teardown {value}")),
        iterations=1,
    )
    rounds.run(2, watch)
    assert seen == ["setup", "call 1", "teardown 1"] * 2
    assert watch.waited_ns < 40_000_000


def test_rounds_repeat_iterations(watch: Stopwatch) -> None:
    calls: list[int] = []
    Rounds(calls.append, (1,), {}, None, None, iterations=7).run(3, watch)
    assert len(calls) == 21
