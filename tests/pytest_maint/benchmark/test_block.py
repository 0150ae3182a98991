"""One block: what both workers share, what is noticed on the way, and how slots are laid out."""

from __future__ import annotations

import sys

import pytest

from maint.regression.reading import choose_clock
from pytest_maint.benchmark.block import Measured

SPIN = "def spin(n=2000):\n    return sum(i for i in range(n))\n"


def measured(trees, name: str = "test_a.py::test_a", **keywords: object) -> Measured:
    outcome = trees.outcomes(name, **keywords)[name]
    assert isinstance(outcome, Measured), outcome
    return outcome


def test_both_sides_share_a_seed_that_differs_from_block_to_block(trees) -> None:
    trees.write(
        "test_a.py", "import os\ndef test_a(benchmark):\n    benchmark(os.environ.get, 'PYTHONHASHSEED')\n"
    )
    digests = [measured(trees, seed=seed).digests for seed in (1, 2)]
    assert digests[0]["head"] == digests[0]["baseline"]
    assert digests[0]["head"] != digests[1]["head"]


def test_a_different_result_is_noticed(trees) -> None:
    for side, result in (("baseline", 1), ("head", 2)):
        trees.write("test_a.py", f"def test_a(benchmark):\n    benchmark(lambda: {result})\n", side)
    digests = measured(trees).digests
    assert digests["head"] != digests["baseline"]


def test_slower_code_reads_slower(trees) -> None:
    for side, n in (("baseline", 2000), ("head", 4000)):
        trees.write("test_a.py", f"{SPIN}\ndef test_a(benchmark):\n    benchmark(spin, {n})\n", side)
    reading = measured(trees).reading
    assert reading.cpu > 0.3
    assert choose_clock([reading]) == "cpu"


@pytest.mark.skipif(sys.platform != "linux", reason="waiting is told from preemption by Linux's schedstat")
def test_a_head_that_adds_waiting_cannot_hide_behind_cpu_time(trees) -> None:
    body = "\ndef test_a(benchmark):\n    benchmark(lambda: (spin(), {wait}))\n"
    trees.write("test_a.py", SPIN + body.format(wait="None"), "baseline")
    trees.write("test_a.py", f"import time\n{SPIN}" + body.format(wait="time.sleep(0.001)"), "head")
    outcome = measured(trees)
    assert choose_clock([outcome.reading]) == "wall"
    assert outcome.reading.wall > 1.0
    assert not outcome.calibration.pinned


def test_threads_are_not_squeezed_onto_one_core(trees) -> None:
    trees.write(
        "test_a.py",
        """
        import hashlib
        from concurrent.futures import ThreadPoolExecutor
        pool = ThreadPoolExecutor(2)
        data = bytes(3_000_000)
        def work():
            return list(pool.map(lambda _: hashlib.sha256(data).digest(), range(2)))
        def test_a(benchmark):
            benchmark(work)
        """,
    )
    assert not measured(trees).calibration.pinned


@pytest.mark.parametrize("on", [True, False])
def test_the_garbage_collector_runs_only_where_asked_for(trees, on: bool) -> None:
    trees.write(
        "test_a.py",
        """
        import gc
        seen = []
        def test_a(benchmark):
            benchmark(lambda: seen.append(gc.isenabled()))
            benchmark.extra_info["enabled"] = sum(seen[1:]) / len(seen[1:])
            assert gc.isenabled()
        """,
    )

    def launch(side: str, node_ids: list[str], seed: int, thorough: bool) -> object:
        return trees.launch(side, node_ids, seed, thorough, gc=node_ids if on else [])

    assert measured(trees, launch=launch).facts["extra_info"] == {"enabled": float(on)}


def test_the_first_block_settles_the_work_of_all_slots(trees) -> None:
    trees.write("test_a.py", f"{SPIN}\ndef test_a(benchmark):\n    benchmark(spin)\n")
    first = measured(trees)
    again = measured(trees, seed=2, calibrations={"test_a.py::test_a": first.calibration})
    assert again.calibration is first.calibration
    assert again.reading.pairs <= first.calibration.pairs


def test_fixtures_of_wider_scope_live_through_a_block(trees) -> None:
    trees.write(
        "test_a.py",
        """
        import pytest
        @pytest.fixture(scope="session")
        def store():
            opened = [True]
            yield opened
            opened.clear()
        def test_a(benchmark, store):
            assert benchmark(lambda: store[0])
        def test_b(benchmark, store):
            assert benchmark(lambda: store[0])
        """,
    )
    outcomes = trees.outcomes("test_a.py::test_a", "test_a.py::test_b")
    assert all(isinstance(outcome, Measured) for outcome in outcomes.values()), outcomes


def test_set_up_that_dwarfs_its_call_bounds_the_slots(trees) -> None:
    trees.write(
        "test_a.py",
        """
        def test_a(benchmark):
            benchmark.pedantic(len, setup=lambda: ((list(range(100_000)),), {}), rounds=5)
        """,
    )
    plan = measured(trees).calibration
    # A slot of calls alone would take some 100,000 of them, with minutes of set-up between.
    assert plan.calls < 500
    assert plan.pairs >= 2


def test_short_rounds_do_not_look_like_threads(trees) -> None:
    # about 5 µs: reading the clock costs a good part of that, and no more than the clock can tell
    round_ = "benchmark.pedantic(sum, setup=lambda: ((range(300),), {}))"
    trees.write("test_a.py", f"def test_a(benchmark):\n    {round_}\n")
    # As the gate does: one block alone may have been disturbed, by a millisecond of somebody else.
    outcomes = [measured(trees, seed=seed) for seed in range(3)]
    assert choose_clock([outcome.reading for outcome in outcomes]) == "cpu"
    assert any(outcome.calibration.pinned for outcome in outcomes)
