"""The plain-Python statistics agree with scipy, and moderation and Holm do what their papers say."""

from __future__ import annotations

import math
import random
from statistics import variance

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from maint.regression.statistics import (
    digamma,
    holm,
    inverse_trigamma,
    moderate,
    student_cdf,
    student_quantile,
    trigamma,
)

positive = st.floats(1e-3, 1e6)
degrees = st.floats(0.5, 1e6)
variances = st.lists(st.floats(1e-8, 1e-1), min_size=2, max_size=40)
p_values = st.lists(st.floats(0.0, 1.0), max_size=30)


@given(positive)
def test_digamma_is_scipys(x: float) -> None:
    assert digamma(x) == pytest.approx(float(special.digamma(x)), rel=1e-11, abs=1e-13)


@given(positive)
def test_trigamma_is_scipys(x: float) -> None:
    assert trigamma(x) == pytest.approx(float(special.polygamma(1, x)), rel=1e-12)


@given(positive)
def test_inverse_trigamma_undoes_trigamma(x: float) -> None:
    assert inverse_trigamma(trigamma(x)) == pytest.approx(x, rel=1e-10)


@given(st.floats(-60.0, 60.0), degrees)
def test_student_cdf_is_scipys_down_to_the_far_lower_tail(t: float, df: float) -> None:
    assert student_cdf(t, df) == pytest.approx(float(stats.t.cdf(t, df)), rel=1e-7, abs=1e-300)


@given(st.floats(1e-9, 1.0 - 1e-9), degrees)
def test_student_quantile_is_scipys(p: float, df: float) -> None:
    assert student_quantile(p, df) == pytest.approx(float(stats.t.ppf(p, df)), rel=1e-6, abs=1e-9)


@given(st.floats(1e-6, 1.0 - 1e-6), st.floats(1.0, 100.0))
def test_quantile_and_cdf_are_inverse(p: float, df: float) -> None:
    assert student_cdf(student_quantile(p, df), df) == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize("p", [1e-6, 0.025, 0.5, 0.975])
def test_infinite_degrees_of_freedom_are_the_normal_law(p: float) -> None:
    quantile = student_quantile(p, math.inf)
    assert quantile == pytest.approx(float(stats.norm.ppf(p)), abs=1e-12)
    assert student_cdf(quantile, math.inf) == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize("p", [0.0, 1.0, -0.1, math.nan])
def test_a_quantile_of_no_probability_is_refused(p: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        student_quantile(p, 4.0)


@given(variances, st.integers(1, 12))
def test_moderation_moves_every_variance_towards_the_prior(sample: list[float], df: int) -> None:
    moderation = moderate(sample, [df] * len(sample))
    for before, after in zip(sample, moderation.variances, strict=True):
        low, high = sorted((before, moderation.prior_variance))
        assert low * (1 - 1e-9) <= after <= high * (1 + 1e-9)
    assert all(df < total <= 9 * df for total in moderation.df)


@given(variances, st.floats(0.1, 10.0))
def test_moderation_does_not_depend_on_the_unit(sample: list[float], unit: float) -> None:
    df = [3.0] * len(sample)
    plain, scaled = moderate(sample, df), moderate([v * unit for v in sample], df)
    assert scaled.variances == pytest.approx([v * unit for v in plain.variances], rel=1e-6)


def test_moderation_recovers_the_prior_that_drew_the_variances() -> None:
    rng = random.Random(1)
    prior_variance, prior_df, df = 4e-4, 6.0, 5.0
    sample = [
        prior_variance
        * (prior_df / rng.gammavariate(prior_df / 2, 2.0))
        * (rng.gammavariate(df / 2, 2.0) / df)
        for _ in range(4000)
    ]
    moderation = moderate(sample, [df] * len(sample))
    assert moderation.prior_df == pytest.approx(prior_df, rel=0.15)
    assert moderation.prior_variance == pytest.approx(prior_variance, rel=0.05)


def test_variances_no_more_unequal_than_chance_get_an_infinite_prior_that_is_capped() -> None:
    moderation = moderate([1e-4, 1.1e-4, 0.9e-4, 1e-4], [3.0, 3.0, 3.0, 5.0])
    assert moderation.prior_df == math.inf
    assert moderation.df == (27.0, 27.0, 27.0, 45.0)


def test_moderation_takes_variances_of_zero() -> None:
    assert moderate([0.0, 0.0, 0.0], [3.0] * 3).variances == (0.0, 0.0, 0.0)
    assert all(math.isfinite(v) and v > 0.0 for v in moderate([0.0, 0.0, 1e-4, 0.0], [3.0] * 4).variances)


@pytest.mark.parametrize(("sample", "df"), [([], []), ([1.0], [3.0]), ([1.0, 2.0], [3.0])])
def test_moderation_of_fewer_than_two_is_refused(sample: list[float], df: list[float]) -> None:
    with pytest.raises(ValueError, match="two of each"):
        moderate(sample, df)


def test_moderated_intervals_cover_what_they_promise() -> None:
    rng = random.Random(2)
    missed = total = 0
    for _ in range(400):
        blocks = [[rng.gauss(0.0, 0.02) for _ in range(4)] for _ in range(12)]
        moderation = moderate([variance(b) for b in blocks], [3.0] * 12)
        for block, v, df in zip(blocks, moderation.variances, moderation.df, strict=True):
            missed += abs(sum(block) / 4) > student_quantile(0.975, df) * math.sqrt(v / 4)
            total += 1
    assert 0.03 < missed / total < 0.07


def test_holm_adjusts_as_in_a_worked_example() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([]) == ()


@given(p_values)
def test_holm_lies_between_the_raw_and_the_bonferroni_value_and_keeps_the_order(raw: list[float]) -> None:
    adjusted = holm(raw)
    assert all(p <= q <= min(1.0, p * len(raw)) + 1e-12 for p, q in zip(raw, adjusted, strict=True))
    order = sorted(range(len(raw)), key=raw.__getitem__)
    assert [adjusted[i] for i in order] == sorted(adjusted)
