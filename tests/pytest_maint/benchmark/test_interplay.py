"""What ordinary projects do around their benchmarks does not get in the way of the gate."""

from __future__ import annotations

import functools

import pytest

from maint.config import load
from maint.regression.comparison import Thresholds, Verdict
from pytest_maint.benchmark.block import Measured
from pytest_maint.benchmark.candidate import Candidate
from pytest_maint.benchmark.fault import Fault
from pytest_maint.benchmark.run import GateRun
from pytest_maint.benchmark.settings import GateSettings

PLAIN = "def test_good(benchmark):\n    benchmark(sum, [1, 2])\n"

INTERPLAY = """
import asyncio, functools, json, math, os, time
from unittest import mock
import pytest

def sync(function):
    @functools.wraps(function)
    def call(*args):
        return asyncio.run(function(*args))
    return call

@sync
async def made_sync(n):
    return n

async def plain(n):
    await asyncio.sleep(0)
    return n

def test_coroutine_function_made_sync(benchmark):
    assert benchmark(made_sync, 3) == 3

def test_function_that_returns_a_coroutine(benchmark):
    assert benchmark(lambda: plain(3)) == 3

def test_integer_too_long_for_decimal_digits(benchmark):
    assert benchmark(math.factorial, 3000) > 0

class Unreadable:
    def __init__(self):
        self.value = 1
    @property
    def __class__(self):
        raise RuntimeError("no context")

def test_result_whose_own_code_fails(benchmark):
    benchmark(Unreadable)

def test_replaced_functions(benchmark):
    with mock.patch("json.dumps"), mock.patch("os.read"), mock.patch("time.perf_counter_ns", return_value=1):
        benchmark(sum, range(100))

def test_fixture_of_a_blocked_plugin(benchmark, no_cover):
    benchmark(sum, range(100))

@pytest.fixture
def measured(benchmark):
    yield benchmark(sum, range(100))

def test_called_in_a_fixture(measured):
    assert measured == 4950

def test_change_of_folder(benchmark, tmp_path):
    os.chdir(tmp_path)
    benchmark(os.getcwd)

@pytest.mark.parametrize("text", ["a::b", "[x]", "a@b", "\\u00e9", "x y", "a/b"])
def test_awkward_id(benchmark, text):
    benchmark(sum, range(100))
"""

INTERPLAY_NAMES = [
    "test_coroutine_function_made_sync",
    "test_function_that_returns_a_coroutine",
    "test_integer_too_long_for_decimal_digits",
    "test_result_whose_own_code_fails",
    "test_replaced_functions",
    "test_fixture_of_a_blocked_plugin",
    "test_called_in_a_fixture",
    "test_change_of_folder",
    *(f"test_awkward_id[{text}]" for text in ("a::b", "[x]", "a@b", "\\xe9", "x y", "a/b")),
]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory, make_trees) -> dict[str, object]:
    trees = make_trees(tmp_path_factory.mktemp("interplay"))
    trees.write("test_it.py", INTERPLAY)
    return dict(trees.outcomes(*(f"test_it.py::{name}" for name in INTERPLAY_NAMES)))


@pytest.mark.parametrize("name", INTERPLAY_NAMES)
def test_is_measured(outcomes: dict[str, object], name: str) -> None:
    outcome = outcomes[f"test_it.py::{name}"]
    assert isinstance(outcome, Measured), outcome
    assert outcome.reading.head_wall_s > 0


def test_a_call_that_cannot_be_repeated_is_told_from_a_broken_one(trees) -> None:
    trees.write(
        "test_a.py",
        """
        def test_once(benchmark):
            left = [1]
            benchmark.pedantic(left.pop, rounds=1)
        """,
    )
    trees.write("test_b.py", PLAIN)
    outcomes = trees.outcomes("test_a.py::test_once", "test_b.py::test_good")
    once = outcomes["test_a.py::test_once"]
    assert isinstance(once, Fault)
    assert once.verdict is Verdict.BASE_ERROR
    assert "a repeated call failed on the baseline (IndexError: pop from empty list)" in once.reason
    assert isinstance(outcomes["test_b.py::test_good"], Measured)


def test_one_address_wanted_by_both_sides_is_inconclusive(trees) -> None:
    trees.write(
        "test_a.py",
        """
        import pathlib, socket
        import pytest

        @pytest.fixture(scope="session")
        def server():
            with socket.socket(socket.AF_UNIX) as taken:
                taken.bind("\\0maint-interplay-" + str(pathlib.Path(__file__).parents[1]))
                yield taken

        def test_served(benchmark, server):
            benchmark(server.getsockname)
        """,
    )
    outcome = trees.outcomes("test_a.py::test_served")["test_a.py::test_served"]
    assert isinstance(outcome, Fault)
    assert outcome.verdict is Verdict.INCONCLUSIVE
    assert "both sides run at once" in outcome.reason


def test_a_path_of_the_tree_as_a_parameter(trees) -> None:
    trees.write(
        "test_a.py",
        """
        import pytest

        @pytest.mark.parametrize("file", [__file__])
        def test_read(benchmark, file):
            benchmark(len, file)
        """,
    )
    name = "test_a.py::test_read[/users/tree/test_a.py]"
    outcome = trees.outcomes(name, launch=functools.partial(trees.launch, top="/users/tree"))[name]
    assert isinstance(outcome, Measured), outcome


def test_awaited_on_trio(trees) -> None:
    trees.write(
        "test_a.py",
        """
        import pytest
        import trio

        @pytest.mark.anyio
        @pytest.mark.parametrize("anyio_backend", ["trio"])
        async def test_trio(benchmark):
            async def checkpoint():
                await trio.lowlevel.checkpoint()
                return 1
            assert await benchmark(checkpoint) == 1
        """,
    )
    outcome = trees.outcomes("test_a.py::test_trio[trio]")["test_a.py::test_trio[trio]"]
    assert isinstance(outcome, Measured), outcome


def test_no_step_outlasts_the_budget(trees) -> None:
    trees.write("test_a.py", "import time\ndef test_hangs(benchmark):\n    benchmark(time.sleep, 600)\n")
    settings = GateSettings.of(load(trees.folder, {"benchmark.selftest": "HEAD", "benchmark.budget": "5"}))
    name = "test_a.py::test_hangs"
    one = Candidate(name, "test_a.py", 1, Thresholds(0.1, 0.25), "auto", False)
    run = GateRun([one], trees.launch, settings, progress=lambda text: None)
    run.measure()
    assert run.elapsed_s < settings.timeout
    (row,) = run.rows()
    assert row.status is Verdict.INCONCLUSIVE
    assert "budget of 5 s spent" in row.reason


PROJECT = {
    "pyproject.toml": """
        [tool.pytest.ini_options]
        required_plugins = ["pytest-maint"]
        filterwarnings = ["error", "ignore::pytest_benchmark.logger.PytestBenchmarkWarning"]
        addopts = ["--strict-markers", "--strict-config", "-p", "house", "-p", "flaky"]
        pythonpath = ["."]
        flaky_runs = "1"
        """,
    # Under the name of a plugin that workers block, with an ini key that is then unknown to them.
    "flaky.py": "def pytest_addoption(parser):\n    parser.addini('flaky_runs', 'how often')\n",
    "house.py": "import pytest\n@pytest.fixture\ndef answer():\n    return 42\n",
    "conftest.py": """
        import pytest
        from _pytest.runner import runtestprotocol

        def pytest_xdist_auto_num_workers(config):
            return 1

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_protocol(item, nextitem):
            '''Runs a failed test again, as pytest-rerunfailures does.'''
            reports = runtestprotocol(item, nextitem=nextitem, log=False)
            if any(report.failed for report in reports):
                for report in reports:
                    report.outcome = "rerun" if report.failed else report.outcome
                item._initrequest()
                reports += runtestprotocol(item, nextitem=nextitem, log=False)
            for report in reports:
                item.ihook.pytest_runtest_logreport(report=report)
            return True
        """,
    ".gitignore": "__pycache__\n.maint\nfail-once\n",
    "bench/test_it.py": """
        import os, pathlib
        import pytest

        HERE = pathlib.Path(__file__).resolve().parent

        def test_plugin_named_in_addopts(benchmark, answer):
            assert benchmark(sum, [answer]) == 42

        def test_worker_id(benchmark, worker_id):
            benchmark(sum, [1])

        def test_temporary_folder(benchmark, tmp_path):
            os.chdir(tmp_path)
            benchmark(sum, [1])

        def test_fails_once(benchmark):
            benchmark(sum, [1])
            if (flag := HERE / "fail-once").exists():
                flag.unlink()
                raise AssertionError("flaky")

        def test_makes_no_call(benchmark):
            pass

        def test_expects_the_call_to_fail(benchmark):
            with pytest.raises(ZeroDivisionError):
                benchmark(lambda: 1 / 0)
        """,
}


def test_nothing_a_project_is_set_up_with_is_an_error_of_head(project) -> None:
    project.write(PROJECT)
    project.commit()
    project.commit(branch="head")
    project.write({"bench/fail-once": ""})
    # An empty folder is in no commit and in no copy.
    (project.root / "bench/empty").mkdir()
    result = project.gate("..", "--maint-budget=2", "-p", "no:asyncio", folder="bench/empty")
    assert result.report is not None, result.output
    statuses = {row["name"].partition("::")[2]: row["status"] for row in result.report["benchmarks"]}
    assert set(statuses) == {
        "test_plugin_named_in_addopts",
        "test_worker_id",
        "test_temporary_folder",
        "test_fails_once",
    }, result.output
    # which of them the budget settles is a matter of the machine
    assert set(statuses.values()) <= {"PASS", "INCONCLUSIVE"}, result.output
    assert result.code == 0, result.output


def test_benchmarks_outside_of_the_root_directory_are_refused(project) -> None:
    project.write({"config/pytest.ini": "[pytest]\n", "bench/test_it.py": PLAIN})
    project.commit()
    project.commit(branch="head")
    result = project.gate("-c", "config/pytest.ini", "bench")
    assert result.code == pytest.ExitCode.USAGE_ERROR
    assert "give --rootdir" in result.output
    assert "Traceback" not in result.output
