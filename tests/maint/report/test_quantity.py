from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maint.report.quantity import duration, elapsed, percent

SCALES = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0119, "11.9 ms"),
        (8.4e-7, "840 ns"),
        (2.31e-3, "2.31 ms"),
        (1.0, "1.00 s"),
        (9.9949e-3, "9.99 ms"),
        (9.996e-3, "10.0 ms"),
        (9.996e-4, "1.00 ms"),
        (0.99951, "1.00 s"),
        (4.2e-10, "0.42 ns"),
        (1234.0, "1234 s"),
        (0.0, "0.00 ns"),
        (None, "-"),
        (math.nan, "-"),
        (math.inf, "-"),
    ],
)
def test_durations_have_three_digits_and_a_natural_unit(seconds: float | None, shown: str) -> None:
    assert duration(seconds) == shown


@given(st.floats(1e-9, 900.0))
def test_a_duration_reads_back_within_half_a_percent(seconds: float) -> None:
    number, unit = duration(seconds).split(" ")
    assert float(number) * SCALES[unit] == pytest.approx(seconds, rel=0.0051)
    assert len(number.replace(".", "")) <= 4
    assert float(number) < 1000


@pytest.mark.parametrize(
    ("value", "shown"),
    [(31.2, "+31 %"), (-0.3, "-0 %"), (0.0, "+0 %"), (-22.6, "-23 %"), (None, "-"), (math.nan, "-")],
)
def test_percentages_always_have_a_sign(value: float | None, shown: str) -> None:
    assert percent(value) == shown


def test_percentages_take_decimals() -> None:
    assert percent(9.74, 1) == "+9.7 %"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (24.3, "24 s"),
        (119.4, "119 s"),
        (200, "3 min 20 s"),
        (7300, "2 h 01 min"),
    ],
)
def test_waiting_times_read_as_said(seconds: float, shown: str) -> None:
    assert elapsed(seconds) == shown
