"""The project's own benchmarks, which its own gate judges: ``make gate``."""

from __future__ import annotations

import random

import pytest

from maint.findings import fingerprint
from maint.regression.comparison import BlockPoint, Comparison, Row, Side, Thresholds, Verdict
from maint.regression.findings import findings_of
from maint.regression.html import section_html
from maint.regression.markdown import section_md
from maint.regression.procedure import Procedure
from maint.regression.reading import Pair, Reading, Slot, read_block
from maint.regression.statistics import moderate, student_quantile
from maint.regression.table import table_lines
from pytest_maint.benchmark.worker.digest import digest

NAMES = [f"tests/test_a.py::test_work[{i}]" for i in range(40)]


@pytest.fixture
def coin() -> random.Random:
    """Noise that is the same in every run."""
    return random.Random(7)


@pytest.fixture
def comparison(coin: random.Random) -> Comparison:
    """Forty rows, some of each verdict."""
    verdicts = [*Verdict] * 4
    points = tuple(BlockPoint("screen", 1e-3, 1.1e-3, coin.gauss(0.1, 0.02), 6) for _ in range(4))
    rows = tuple(
        Row(
            name=n,
            status=v,
            change_pct=10.0,
            ci_pct=(8.0, 12.0),
            baseline_s=1e-3,
            head_s=1.1e-3,
            points=points,
        )
        for n, v in zip(NAMES, verdicts, strict=True)
    )
    sides = Side("main", "0" * 40), Side("HEAD", "1" * 40)
    return Comparison(
        baseline=sides[0],
        head=sides[1],
        thresholds=Thresholds(),
        environment={},
        elapsed_s=1.0,
        benchmarks=rows,
    )


def _reading(coin: random.Random) -> Reading:
    ratio = coin.gauss(0.0, 0.02)
    seconds = dict.fromkeys(("baseline_cpu_s", "head_cpu_s", "baseline_wall_s", "head_wall_s"), 1e-3)
    return Reading(cpu=ratio, wall=ratio, waits=0.0, pairs=6, seed=1, **seconds)


def test_procedure_of_forty_benchmarks(benchmark, coin: random.Random) -> None:
    def decide() -> int:
        procedure = Procedure(dict.fromkeys(NAMES, Thresholds()))
        while wanted := procedure.wanted():
            procedure.record({name: _reading(coin) for name in wanted})
        return len(procedure.conclude())

    assert benchmark(decide) == len(NAMES)


def test_reading_of_a_block(benchmark, coin: random.Random) -> None:
    pairs = [Pair(*(Slot(10**7 + coin.randrange(10**5), 10**7, 0) for _ in range(2))) for _ in range(12)]
    assert benchmark(read_block, pairs, 100, 1).pairs == 12


def test_moderation_of_variances(benchmark, coin: random.Random) -> None:
    variances = [coin.expovariate(1.0) for _ in NAMES]
    assert len(benchmark(moderate, variances, [3.0] * len(NAMES)).variances) == len(NAMES)


def test_student_quantile(benchmark) -> None:
    assert benchmark(student_quantile, 0.995, 5.0) > 4


def test_terminal_table(benchmark, comparison: Comparison) -> None:
    assert len(benchmark(table_lines, comparison, 100)) > len(NAMES)


def test_markdown_report(benchmark, comparison: Comparison) -> None:
    assert "test_work" in benchmark(section_md, comparison)


def test_html_report(benchmark, comparison: Comparison) -> None:
    assert "test_work" in benchmark(section_html, comparison)


def test_findings(benchmark, comparison: Comparison) -> None:
    assert len(benchmark(findings_of, comparison)) >= len(NAMES) // 2


def test_fingerprint(benchmark) -> None:
    place, cause = "tests/test_a.py::test_work[1]", "slower by 12.5 % at 0x7ff"
    assert len(benchmark(fingerprint, "BEN001", place, cause)) == 16


def test_digest_of_a_nested_value(benchmark) -> None:
    value = {f"key {i}": [i, str(i), {"inner": (i, None)}] for i in range(50)}
    assert benchmark(digest, value, "/root") is not None
