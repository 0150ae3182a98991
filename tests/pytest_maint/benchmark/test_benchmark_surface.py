"""Every way to use pytest-benchmark's fixture is measured by suspended workers, and means what it meant."""

from __future__ import annotations

import pytest

from pytest_maint.benchmark.block import Measured

BENCHMARKS = """
import asyncio, functools, gc
import pytest

def work(n=100, *, step=1):
    return sum(range(0, n, step))

async def awork(n=100):
    return work(n)

def test_call_with_arguments(benchmark):
    assert benchmark(work, 50, step=2) == work(50, step=2)

def test_pedantic(benchmark):
    result = benchmark.pedantic(work, args=(60,), kwargs={"step": 3}, rounds=10, iterations=5)
    assert result == work(60, step=3)

def test_pedantic_setup_teardown(benchmark):
    log = []
    def setup():
        log.append("setup")
        return ([3, 1, 2],), {}
    def teardown(values):
        log.append("teardown")
        assert values == [1, 2, 3]
    benchmark.pedantic(lambda values: values.sort(), setup=setup, teardown=teardown, rounds=3)
    assert log.count("setup") == log.count("teardown") > 10

def test_stats_after_the_call(benchmark):
    benchmark(work)
    assert benchmark.stats.stats.min > 0
    assert benchmark.stats["mean"] > 0
    assert benchmark.stats.stats.rounds > 2

def test_extra_info_and_group(benchmark):
    benchmark.extra_info["rows"] = 7
    benchmark.group = "mine"
    assert benchmark.name == "test_extra_info_and_group"
    benchmark(work)

@pytest.mark.benchmark(group="marked", min_rounds=5, disable_gc=True, warmup=False)
def test_marked(benchmark):
    benchmark(work)

@pytest.mark.parametrize("n", [10, 20])
def test_parametrised(benchmark, n):
    assert benchmark(work, n) == work(n)

class TestClass:
    @pytest.fixture
    def size(self):
        return 40

    def test_method(self, benchmark, size):
        benchmark(work, size)

def test_decorated(benchmark):
    @benchmark
    def result():
        return work()
    assert result == work()

def test_sync_call_of_a_coroutine_function(benchmark):
    assert benchmark(awork, 30) == work(30)

def test_partial_of_a_coroutine_function(benchmark):
    assert benchmark(functools.partial(awork, 30)) == work(30)

@pytest.mark.asyncio
async def test_awaited(benchmark):
    loop = asyncio.get_running_loop()
    async def same_loop():
        assert asyncio.get_running_loop() is loop
        return 5
    assert await benchmark(same_loop) == 5

class Woven:
    def method(self):
        return work()

def test_weave(benchmark):
    benchmark.weave(Woven.method)
    Woven().method()

def test_slow_call(benchmark):
    benchmark(work, 6_000_000)
"""

NAMES = [
    "test_call_with_arguments",
    "test_pedantic",
    "test_pedantic_setup_teardown",
    "test_stats_after_the_call",
    "test_extra_info_and_group",
    "test_marked",
    "test_parametrised[10]",
    "test_parametrised[20]",
    "TestClass::test_method",
    "test_decorated",
    "test_sync_call_of_a_coroutine_function",
    "test_partial_of_a_coroutine_function",
    "test_awaited",
    "test_weave",
    "test_slow_call",
]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory, make_trees) -> dict[str, object]:
    trees = make_trees(tmp_path_factory.mktemp("surface"))
    trees.write("test_surface.py", BENCHMARKS)
    return dict(trees.outcomes(*(f"test_surface.py::{name}" for name in NAMES)))


@pytest.mark.parametrize("name", NAMES)
def test_is_measured(outcomes: dict[str, object], name: str) -> None:
    outcome = outcomes[f"test_surface.py::{name}"]
    assert isinstance(outcome, Measured), outcome
    assert outcome.reading.head_wall_s > 0
    assert outcome.digests["head"] == outcome.digests["baseline"]


def test_what_the_test_says_of_itself_arrives(outcomes: dict[str, object]) -> None:
    facts = outcomes["test_surface.py::test_extra_info_and_group"].facts
    assert facts["extra_info"] == {"rows": 7}
    assert facts["group"] == "mine"
    assert outcomes["test_surface.py::test_marked"].facts["group"] == "marked"
    assert outcomes["test_surface.py::test_parametrised[10]"].facts["params"] == {"n": 10}


def test_a_slow_call_is_not_repeated_more_than_it_needs(outcomes: dict[str, object]) -> None:
    plan = outcomes["test_surface.py::test_slow_call"].calibration
    assert plan.calls == 1
    assert plan.pairs <= 2
