"""Comparisons to report on: an ordinary one, and one whose every text tries to be markup."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from maint.regression.comparison import BlockPoint, Comparison, Row, Side, Thresholds, Verdict

HOSTILE = (
    "tests/test_a.py::test_pipe[a|b\\|c]",
    "tests/test_a.py::test_tag[</script></style><script>alert(1)</script>]",
    'tests/test_a.py::test_attribute[" onload=alert(1) x=\'"]',
    "tests/test_a.py::test_lines[a\nb\r\n::error::c\x1b[31m\x00]",
    "tests/test_a.py::test_ticks[```\n# heading\n`]",
    "tests/test_a.py::test_mention[@everyone closes #123 GH-1 https://example.org]",
    "tests/test_a.py::test_emoji[👩\u200d🔬\u202etxet]",
    "tests/test_a.py::test_long[" + "x" * 20_000 + "]",
    "tests/caf\udce9.py::test_bytes",
    "::",
)


def block_points(change_pct: float, blocks: int, base_s: float, *, confirmed: bool) -> tuple[BlockPoint, ...]:
    """Blocks around a change; the first four are the screening stage."""
    chance = random.Random(f"{change_pct} {blocks}")
    points = []
    for index in range(blocks):
        ratio = math.log1p(change_pct / 100) + chance.gauss(0, 0.01)
        baseline_s = base_s * math.exp(chance.gauss(0, 0.02))
        stage = "confirm" if confirmed and index >= 4 else "screen"
        points.append(BlockPoint(stage, baseline_s, baseline_s * math.exp(ratio), ratio, 12))
    return tuple(points)


def measured_row(
    name: str,
    status: Verdict,
    change_pct: float,
    *,
    half_width: float = 2.0,
    base_s: float = 0.0119,
    **more: object,
) -> Row:
    """A row with a measurement of ``change_pct`` percent, its interval ``half_width`` to both sides."""
    confirmed = status in (Verdict.CRITICAL, Verdict.WARNING)
    points = block_points(change_pct, 12 if confirmed else 4, base_s, confirmed=confirmed)
    fields = {
        "ci_pct": (change_pct - half_width, change_pct + half_width),
        "baseline_s": base_s,
        "head_s": base_s * (1 + change_pct / 100),
        "clock": "cpu",
        "blocks": len(points),
        "pairs": 12 * len(points),
        "points": points,
    }
    return Row(name=name, status=status, change_pct=change_pct, **(fields | more))  # type: ignore[arg-type]


def comparison_of(*rows: Row, **more: object) -> Comparison:
    """A comparison of ``rows``, with ordinary trees unless ``more`` says otherwise."""
    fields: dict[str, object] = {
        "baseline": Side("main", "9f8e7d6c5b4a39281706f5e4d3c2b1a098765432"),
        "head": Side("HEAD", "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d", dirty=True),
        "thresholds": Thresholds(),
        "environment": {"python": "3.11.9", "cores": 2},
        "elapsed_s": 24.3,
    }
    return Comparison(benchmarks=rows, **(fields | more))  # type: ignore[arg-type]


@pytest.fixture(name="measured_row")
def _measured_row() -> Callable[..., Row]:
    return measured_row


@pytest.fixture(name="comparison_of")
def _comparison_of() -> Callable[..., Comparison]:
    return comparison_of


@pytest.fixture
def ordinary() -> Comparison:
    """One row of every verdict, and some that share a file or a name."""
    return comparison_of(
        measured_row("tests/bench/test_parse.py::test_parse[small]", Verdict.PASS, 1.2, base_s=2.1e-5),
        measured_row("tests/bench/test_parse.py::test_parse[large]", Verdict.CRITICAL, 31.2),
        measured_row("tests/bench/test_render.py::test_render", Verdict.WARNING, 13.1, base_s=2.31e-3),
        measured_row("tests/bench/test_lookup.py::test_lookup", Verdict.PASS, -0.3, base_s=8.4e-7),
        measured_row("tests/bench/test_lookup.py::TestIndex::test_insert", Verdict.IMPROVED, -22.4),
        measured_row(
            "tests/bench/test_io.py::test_fetch",
            Verdict.INCONCLUSIVE,
            12.9,
            half_width=14.2,
            clock="wall",
            reason="about 40 s more would settle it",
        ),
        Row(
            name="tests/bench/test_io.py::test_new",
            status=Verdict.NEW,
            head_s=1.3e-3,
            reason="main lacks codec",
        ),
        Row(name="tests/bench/test_io.py::test_gone", status=Verdict.REMOVED),
        Row(
            name="tests/bench/test_tree.py::test_balance",
            status=Verdict.HEAD_ERROR,
            reason="the worker was killed by SIGSEGV",
            output="\x1b[31mFatal Python error\x1b[0m: Segmentation fault\n  File <unknown>\n",
        ),
        Row(name="tests/bench/test_tree.py::test_old", status=Verdict.BASE_ERROR, reason="ZeroDivisionError"),
        Row(
            name="tests/bench/test_tree.py::test_leak",
            status=Verdict.INVALID,
            reason="package.tree was imported from head's tree",
        ),
        measured_row(
            "tests/bench/test_tree.py::test_walk", Verdict.PASS, 0.4, notes=("result differs: 812, 813",)
        ),
        Row(name="tests/bench/test_tree.py::test_depth", status=Verdict.PASS, reason="unaffected"),
        notes=("deps: head's",),
    )


@pytest.fixture
def hostile() -> Comparison:
    """Names, reasons, notes, output, branch and environment that are markup, control codes or too long."""
    rows = [
        measured_row(
            name, verdict, 40.0 - 6 * index, reason=name, notes=(f"result differs: {name}",), output=name * 3
        )
        for index, (name, verdict) in enumerate(zip(HOSTILE, Verdict, strict=True))
    ]
    script = "</title><script>alert(1)</script>|`@everyone`\n::error::x"
    return comparison_of(
        *rows, baseline=Side(script, "9f8e"), notes=(script,), environment={script: script, "cores": [1, 2]}
    )
