"""One side of a comparison in pytest-benchmark's JSON format, for ``pytest-benchmark compare``.

The fields and their definitions (quartile method, Tukey fences) are those of ``pytest_benchmark.stats``.
"""

from __future__ import annotations

import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

from maint.regression.comparison import Comparison, Row
from maint.regression.naming import item_name, parameters

SideName = Literal["baseline", "head"]
_FORMAT_VERSION = "5.0.0"


def results_json(
    comparison: Comparison,
    side: SideName,
    machine_info: Mapping[str, Any],
    commit_info: Mapping[str, Any],
    samples: Mapping[str, Sequence[float]],
    *,
    written_at: datetime | None = None,
) -> dict[str, Any]:
    """Return the measurements of one side, as ``pytest --benchmark-json`` would have written them.

    ``samples`` maps node ids to seconds per call; a benchmark without an entry is described by its block
    medians, and is left out when that side was not measured at all. ``commit_info`` overrides what the
    comparison knows of the side's commit.
    """
    benchmarks = []
    for row in comparison.benchmarks:
        if measured := list(samples.get(row.name, ())) or _block_samples(row, side):
            benchmarks.append(_benchmark(row, measured))
    return {
        "machine_info": dict(machine_info),
        "commit_info": _commit(comparison, side) | dict(commit_info),
        "benchmarks": benchmarks,
        "datetime": (written_at or datetime.now(UTC)).isoformat(),
        "version": _format_version(),
    }


def statistics_of(samples: Sequence[float]) -> dict[str, Any]:
    """Return pytest-benchmark's statistics of ``samples`` (seconds, at least one).

    Quartiles are method 2 of Tukey for even counts and method 3 (interpolated) for odd ones.
    """
    data = sorted(samples)
    mean, total = statistics.fmean(data), sum(data)
    stddev = statistics.stdev(data) if len(data) > 1 else 0.0
    q1, q3 = _quartiles(data)
    fences = q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)
    far, farther = _outside(data, mean - stddev, mean + stddev), _outside(data, *fences)
    return {
        "min": data[0],
        "max": data[-1],
        "mean": mean,
        "stddev": stddev,
        "rounds": len(data),
        "median": statistics.median(data),
        "iqr": q3 - q1,
        "q1": q1,
        "q3": q3,
        "iqr_outliers": farther,
        "stddev_outliers": far,
        "outliers": f"{far};{farther}",
        "ld15iqr": data[bisect_left(data, fences[0])],
        "hd15iqr": data[bisect_right(data, fences[1]) - 1],
        "ops": len(data) / total if total else 0.0,
        "total": total,
        "data": list(samples),
        "iterations": 1,
    }


def _benchmark(row: Row, samples: Sequence[float]) -> dict[str, Any]:
    return {
        "group": row.group,
        "name": item_name(row.name),
        "fullname": row.name,
        "params": row.params,
        "param": parameters(row.name),
        "extra_info": row.extra_info,
        "options": {
            "disable_gc": True,
            "timer": "process_time" if row.clock == "cpu" else "perf_counter",
            "min_rounds": len(samples),
        },
        "stats": statistics_of(samples),
    }


def _block_samples(row: Row, side: SideName) -> list[float]:
    if row.points:
        return [point.baseline_s if side == "baseline" else point.head_s for point in row.points]
    only = row.baseline_s if side == "baseline" else row.head_s
    return [] if only is None else [only]


def _commit(comparison: Comparison, side: SideName) -> dict[str, Any]:
    tree = comparison.baseline if side == "baseline" else comparison.head
    return {
        "id": tree.commit,
        "time": None,
        "author_time": None,
        "dirty": tree.dirty,
        "project": "(unknown)",
        "branch": tree.ref,
    }


def _quartiles(data: Sequence[float]) -> tuple[float, float]:
    quarter, rest = divmod(len(data), 4)
    if len(data) == 1:
        return data[0], data[0]
    if rest in (0, 2):
        half = len(data) // 2
        return statistics.median(data[:half]), statistics.median(data[half:])
    if rest == 1:
        return (
            0.25 * data[quarter - 1] + 0.75 * data[quarter],
            0.75 * data[3 * quarter] + 0.25 * data[3 * quarter + 1],
        )
    return (
        0.75 * data[quarter] + 0.25 * data[quarter + 1],
        0.25 * data[3 * quarter + 1] + 0.75 * data[3 * quarter + 2],
    )


def _outside(data: Sequence[float], low: float, high: float) -> int:
    return sum(value < low or value > high for value in data)


def _format_version() -> str:
    try:
        return version("pytest-benchmark")
    except PackageNotFoundError:
        return _FORMAT_VERSION
