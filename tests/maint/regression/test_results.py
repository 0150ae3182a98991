from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pytest_benchmark.stats import Stats

from maint.regression.comparison import Comparison, Row, Verdict
from maint.regression.results import SideName, results_json, statistics_of
from maint.report.documents import json_bytes

TIMES = st.floats(1e-9, 1e3)
SIDES: tuple[SideName, SideName] = ("baseline", "head")


@given(st.lists(TIMES, min_size=1, max_size=25))
@example([1.0])
@example([1.0, 1.0])
@example([1.0, 1.0, 1.0, 1.0, 50.0])
@example([1.0, 2.0, 3.0])
@example([3.0, 2.0, 1.0, 9.0, 8.0, 7.0, 100.0])
def test_statistics_are_those_of_pytest_benchmark(samples: list[float]) -> None:
    theirs = Stats()
    for sample in samples:
        theirs.update(sample)
    ours = statistics_of(samples)
    assert ours["data"] == samples
    # Counts beyond a fence may differ by the last bit of that fence.
    exact = {"rounds", "min", "max", "median"}
    for field in set(Stats.fields) - {"outliers", "iqr_outliers", "stddev_outliers", "ld15iqr", "hd15iqr"}:
        expected = getattr(theirs, field)
        assert ours[field] == (
            expected if field in exact else pytest.approx(expected, rel=1e-9, abs=1e-15)
        ), field


@pytest.mark.parametrize(
    "samples", [[1.0], [1.0, 2.0], [1.0, 1.1, 1.2, 1.3, 9.0], [0.1, 5.0, 5.1, 5.2, 5.3, 5.4, 20.0]]
)
def test_outliers_are_those_of_pytest_benchmark(samples: list[float]) -> None:
    theirs = Stats()
    theirs.data = list(samples)
    ours = statistics_of(samples)
    for field in ("outliers", "iqr_outliers", "stddev_outliers", "ld15iqr", "hd15iqr"):
        assert ours[field] == getattr(theirs, field)


def write(folder: Path, comparison: Comparison, samples: dict[str, list[float]] | None = None) -> list[str]:
    names = ["baseline_results.json", "pr_results.json"]
    for name, side in zip(names, SIDES, strict=True):
        document = results_json(comparison, side, {"cpu": {"count": 2}}, {}, samples or {})
        (folder / name).write_bytes(json_bytes(document))
    return names


def compare(folder: Path, *names: str) -> str:
    command = [str(Path(sys.executable).with_name("pytest-benchmark")), "compare", *names]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Failed to load" not in done.stdout + done.stderr
    return done.stdout


def test_pytest_benchmark_compares_both_files(tmp_path: Path, ordinary: Comparison) -> None:
    names = write(tmp_path, ordinary)
    table = compare(tmp_path, *names, "--group-by=fullname", "--name=long")
    for name in ("test_parse[large]", "TestIndex::test_insert"):
        assert table.count(f"{name} (") == 2
    assert table.count("test_new (") == 1
    assert "test_gone" not in table


def test_a_single_sample_compares_too(tmp_path: Path, ordinary: Comparison) -> None:
    samples = {row.name: [0.001] for row in ordinary.benchmarks}
    assert "test_depth" in compare(tmp_path, *write(tmp_path, ordinary, samples))


def test_hostile_names_compare_too(tmp_path: Path, hostile: Comparison) -> None:
    table = compare(tmp_path, *write(tmp_path, hostile))
    assert all(name in table for name in ("test_pipe", "test_tag", "test_mention"))


def test_pytest_itself_compares_with_a_written_file(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, ordinary: Comparison
) -> None:
    # pytest-benchmark measures nothing in what it takes for an xdist worker.
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    source = "def test_lookup(benchmark):\n    benchmark(sorted, [2, 1])\n"
    pytester.makepyfile(test_lookup=source)
    document = results_json(ordinary, "baseline", {}, {}, {})
    document["benchmarks"] = [dict(document["benchmarks"][2], fullname="test_lookup.py::test_lookup")]
    saved = pytester.path / "baseline_results.json"
    saved.write_bytes(json_bytes(document))
    result = pytester.runpytest_subprocess(
        f"--benchmark-compare={saved}", "--benchmark-compare-fail=min:1000000%", "--benchmark-max-time=0.01"
    )
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*test_lookup (*baseline*"])


def test_samples_of_the_run_come_before_block_medians(ordinary: Comparison) -> None:
    name = ordinary.benchmarks[1].name
    given = results_json(ordinary, "head", {}, {}, {name: [3.0, 1.0]})
    fallback = results_json(ordinary, "head", {}, {}, {})
    stats = {bench["fullname"]: bench["stats"] for bench in given["benchmarks"]}
    assert stats[name]["data"] == [3.0, 1.0]
    by_blocks = {bench["fullname"]: bench["stats"] for bench in fallback["benchmarks"]}
    assert by_blocks[name]["data"] == [point.head_s for point in ordinary.benchmarks[1].points]


def test_each_side_has_its_own_times_and_commit(ordinary: Comparison) -> None:
    written_at = datetime(2026, 1, 2, tzinfo=UTC)
    base, head = (results_json(ordinary, side, {}, {}, {}, written_at=written_at) for side in SIDES)
    assert base["commit_info"]["id"] == ordinary.baseline.commit
    assert head["commit_info"]["id"] == ordinary.head.commit
    assert (base["commit_info"]["dirty"], head["commit_info"]["dirty"]) == (False, True)
    assert base["datetime"] == "2026-01-02T00:00:00+00:00"
    times = {side["commit_info"]["id"]: mean_of(side, "test_parse[large]") for side in (base, head)}
    assert math.isclose(times[ordinary.head.commit] / times[ordinary.baseline.commit], 1.31, rel_tol=0.05)


def mean_of(document: dict[str, list[dict[str, dict[str, float]]]], name: str) -> float:
    (mean,) = (bench["stats"]["mean"] for bench in document["benchmarks"] if bench["name"] == name)
    return mean


def test_what_the_test_declared_is_kept(comparison_of: Callable[..., Comparison]) -> None:
    row = Row(
        name="t/a.py::C::test_x[1-2]",
        status=Verdict.PASS,
        baseline_s=1e-3,
        head_s=1e-3,
        clock="cpu",
        group="g",
        params={"n": 1},
        extra_info={"rows": 12},
    )
    (bench,) = results_json(comparison_of(row), "head", {}, {"project": "p"}, {})["benchmarks"]
    assert bench["name"] == "test_x[1-2]"
    assert (bench["group"], bench["params"], bench["param"]) == ("g", {"n": 1}, "1-2")
    assert bench["extra_info"] == {"rows": 12}
    assert bench["options"]["timer"] == "process_time"
    assert json.loads(json_bytes(bench)) == bench
