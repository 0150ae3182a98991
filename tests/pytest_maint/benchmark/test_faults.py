"""A worker that fails, crashes, hangs or lies costs its benchmark, never the run."""

from __future__ import annotations

import os
import select

import pytest

from maint.regression.comparison import Verdict
from pytest_maint.benchmark.block import Measured
from pytest_maint.benchmark.fault import Fault

GOOD = "def test_good(benchmark):\n    benchmark(sum, [1, 2])\n"

FAULTS = {
    "fails": (
        "def test_bad(benchmark):\n    assert 0, 'boom'\n",
        "failed on {side} in call (AssertionError: boom",
    ),
    "crashes": ("import os\ndef test_bad(benchmark):\n    os.kill(os.getpid(), 11)\n", "killed by SIGSEGV"),
    "exits": ("import os\ndef test_bad(benchmark):\n    benchmark(os._exit, 3)\n", "exited with status 3"),
    "hangs": (
        "import select\ndef test_bad(benchmark):\n    select.select([], [], [], 600)\n",
        "no answer within",
    ),
    "lies": (
        "import contextlib, os\n"
        "def test_bad(benchmark):\n"
        "    for fd in map(int, os.listdir('/dev/fd')):\n"
        "        with contextlib.suppress(OSError):\n"
        "            os.write(fd, b'garbage\\n')\n"
        "    benchmark(sum, [])\n",
        "sent garbage",
    ),
    "skips": (
        "import pytest\ndef test_bad(benchmark):\n    pytest.skip('no')\n",
        "skipped on {side} in call",
    ),
    "forgets": ("def test_bad(benchmark):\n    pass\n", "did not call its benchmark"),
    "fixture fails": (
        "import pytest\n@pytest.fixture\ndef f():\n    raise OSError('gone')\n"
        "def test_bad(f, benchmark):\n    benchmark(sum, [])\n",
        "failed on {side} in setup (OSError: gone)",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("side", ["baseline", "head"])
def test_a_fault_costs_one_benchmark(trees, side: str, fault: str) -> None:
    text, said = FAULTS[fault]
    trees.write("test_a.py", "def test_bad(benchmark):\n    benchmark(sum, [1])\n")
    trees.write("test_a.py", text, side)
    trees.write("test_b.py", GOOD)
    outcomes = trees.outcomes("test_a.py::test_bad", "test_b.py::test_good", timeout_s=3)
    bad = outcomes["test_a.py::test_bad"]
    assert isinstance(bad, Fault)
    assert bad.verdict is (Verdict.HEAD_ERROR if side == "head" else Verdict.BASE_ERROR)
    assert said.format(side="head" if side == "head" else "the baseline") in bad.reason
    assert isinstance(outcomes["test_b.py::test_good"], Measured)


@pytest.mark.parametrize(
    "text",
    [
        "import gone_from_here\ndef test_bad(benchmark):\n    benchmark(sum, [])\n",
        "import json\ndef test_bad(benchmark):\n    benchmark(json.gone, [])\n",
        "def work():\n    pass\ndef test_bad(benchmark):\n    benchmark(work, faster=True)\n",
        "def other():\n    pass\n",
    ],
    ids=["import", "attribute", "keyword", "absent"],
)
def test_what_the_baseline_lacks_is_new(trees, text: str) -> None:
    trees.write("test_a.py", "def test_bad(benchmark):\n    benchmark(sum, [1])\n", "head")
    trees.write("test_a.py", text, "baseline")
    trees.write("test_b.py", GOOD)
    outcomes = trees.outcomes("test_a.py::test_bad", "test_b.py::test_good")
    bad = outcomes["test_a.py::test_bad"]
    assert isinstance(bad, Fault)
    assert bad.verdict is Verdict.NEW, bad
    assert isinstance(outcomes["test_b.py::test_good"], Measured)


def test_a_baseline_whose_conftest_cannot_be_imported_is_new_throughout(trees) -> None:
    trees.write("test_b.py", GOOD)
    trees.write("conftest.py", "import gone_from_here\n", "baseline")
    outcomes = trees.outcomes("test_b.py::test_good")
    assert outcomes["test_b.py::test_good"].verdict is Verdict.NEW
    assert "gone_from_here" in outcomes["test_b.py::test_good"].reason


def test_a_failed_assertion_after_measuring_fails_head_only(trees) -> None:
    good, bad = "assert benchmark(sum, [1]) == 1", "assert benchmark(sum, [1]) == 2"
    trees.write("test_a.py", f"def test_a(benchmark):\n    {good}\n")
    trees.write("test_a.py", f"def test_a(benchmark):\n    {bad}\n", "baseline")
    outcome = trees.outcomes("test_a.py::test_a")["test_a.py::test_a"]
    assert isinstance(outcome, Measured)
    assert "baseline fails the test itself" in outcome.notes[0]
    trees.write("test_a.py", f"def test_a(benchmark):\n    {bad}\n", "head")
    outcome = trees.outcomes("test_a.py::test_a")["test_a.py::test_a"]
    assert outcome.verdict is Verdict.HEAD_ERROR


def test_the_worker_says_what_its_streams_said(trees) -> None:
    trees.write(
        "test_a.py", "import os\ndef test_a(benchmark):\n    os.write(2, b'last words'); os._exit(9)\n"
    )
    outcome = trees.outcomes("test_a.py::test_a")["test_a.py::test_a"]
    assert isinstance(outcome, Fault)
    assert outcome.transient


def test_children_of_a_hung_worker_end_with_it(trees, tmp_path) -> None:
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    trees.write(
        "test_a.py",
        f"""
        import subprocess, sys
        CHILD = "import select; pipe = open({str(alive)!r}, 'w'); select.select([], [], [], 600)"
        def test_a(benchmark):
            subprocess.run([sys.executable, "-c", CHILD])
        """,
    )
    reader = os.open(alive, os.O_RDONLY | os.O_NONBLOCK)
    try:
        trees.outcomes("test_a.py::test_a", timeout_s=3)
        poll = select.poll()
        poll.register(reader, select.POLLIN)
        # The last writer's end hangs the pipe up; a child that lives on would keep it open.
        assert [events & select.POLLHUP for _, events in poll.poll(10_000)] == [select.POLLHUP]
    finally:
        os.close(reader)
