"""Two runs that pytest-benchmark saved: which benchmarks got slower, by more than their own spread."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maint.readers.formats import read
from maint.readers.pytest_benchmark import Limits
from maint.readers.source import Source

Saved = Callable[..., Source]
LIMITS = Limits(0.10, 0.25)
BENCHMARKS = """\
def test_sum(benchmark):
    benchmark.pedantic(sum, args=([1, 2],), rounds=5)
def test_sort(benchmark):
    benchmark.pedantic(sorted, args=([2, 1],), rounds=5)
"""


@pytest.fixture(scope="module")
def really_saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What ``--benchmark-json`` writes."""
    root = tmp_path_factory.mktemp("benchmarks")
    (root / "test_b.py").write_text(BENCHMARKS)
    plain = ("-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:xdist")
    command = [sys.executable, "-m", "pytest", "-q", *plain, "--benchmark-json=saved.json"]
    # in a worker of xdist, pytest-benchmark does not measure
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_XDIST")}
    subprocess.run(command, cwd=root, env=environ, capture_output=True, check=True)
    return dict(json.loads((root / "saved.json").read_text()))


@pytest.fixture
def saved(really_saved: dict[str, Any], tmp_path: Path) -> Saved:
    """The saved run with other times: the median of each benchmark, and half the spread around it."""

    def make(name: str, **times: tuple[float, float]) -> Source:
        run = json.loads(json.dumps(really_saved))
        run["benchmarks"] = [one for one in run["benchmarks"] if one["name"] in times]
        for one in run["benchmarks"]:
            median, spread = times[one["name"]]
            one["stats"] |= {"median": median, "q1": median - spread, "q3": median + spread}
        return Source(name, json.dumps(run).encode(), tmp_path)

    return make


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ((1.05, 0.01), []),
        ((1.20, 0.01), ["medium"]),
        ((1.30, 0.01), ["high"]),
        ((1.20, 0.20), []),
        ((0.50, 0.01), []),
    ],
    ids=["under the limit", "warning", "critical", "rounds overlap", "faster"],
)
def test_what_got_slower_beyond_its_own_spread_is_a_finding(
    head: tuple[float, float], found: list[str], saved: Saved
) -> None:
    sources = [saved("base", test_sum=(1.0, 0.01)), saved("head", test_sum=head)]
    (section,) = read(sources, LIMITS)
    assert [one.severity for one in section.findings] == found
    assert section.run.judged == ("test_b.py::test_sum",)


def test_a_finding_says_both_numbers_and_where(saved: Saved) -> None:
    sources = [saved("base", test_sum=(2e-3, 0.0)), saved("head", test_sum=(3e-3, 0.0))]
    (finding,) = read(sources, LIMITS)[0].findings
    assert finding.message == "median 3.00 ms, baseline 2.00 ms (+50 %, allowed +10 %)"
    assert (finding.code, finding.location.path) == ("pytest-benchmark:slower", "test_b.py")
    # A rerun measures other times of the same regression.
    sources = [saved("base", test_sum=(2.1e-3, 0.0)), saved("head", test_sum=(2.9e-3, 0.0))]
    assert read(sources, LIMITS)[0].findings[0].fingerprint == finding.fingerprint


def test_benchmarks_of_one_side_only_are_not_judged(saved: Saved) -> None:
    (section,) = read([saved("base", test_sum=(1, 0)), saved("head", test_sort=(1, 0))], LIMITS)
    assert section.run.judged == ()
    assert section.run.unjudged == {
        "test_b.py::test_sort": "not in the baseline",
        "test_b.py::test_sum": "only in the baseline",
    }
