"""Ratios in whole numbers: compared exactly, printed truncated."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maint.coverage.counts import Counts, Ratio, has_fallen, shortfall, threshold

COUNTS = st.integers(0, 5000).flatmap(
    lambda total: st.integers(0, total).map(lambda missing: Counts(total, missing))
)
PERCENTAGES = st.decimals(0, 100, places=3)


def exact(ratio: Ratio) -> Fraction:
    return Fraction(ratio.covered, ratio.total) if ratio.total else Fraction(1)


def test_every_pair_of_ratios_up_to_60_compares_as_in_rational_arithmetic() -> None:
    ratios = [Ratio(a, b) for b in range(61) for a in range(b + 1)]
    ranks = {share: rank for rank, share in enumerate(sorted(set(map(exact, ratios))))}
    ranked = [(ratio, ranks[exact(ratio)]) for ratio in ratios]
    wrong = [
        (one, other)
        for one, rank in ranked
        for other, other_rank in ranked
        if one.is_under(other) is not (rank < other_rank)
    ]
    assert len(ranked) ** 2 > 3_500_000
    assert wrong == []


@given(COUNTS, COUNTS)
def test_a_file_has_fallen_only_when_its_share_fell_and_its_misses_rose(was: Counts, now: Counts) -> None:
    both = exact(now.ratio) < exact(was.ratio) and now.misses > was.misses
    assert has_fallen(now, was.ratio, was.misses) is both


@given(COUNTS, PERCENTAGES)
def test_what_is_under_a_threshold_is_never_printed_as_reaching_it(counts: Counts, least: Decimal) -> None:
    printed = Decimal(counts.ratio.percent.removesuffix(" %"))
    is_under = exact(counts.ratio) < Fraction(least) / 100
    assert counts.ratio.is_under(threshold(least)) is is_under
    if is_under:
        assert printed < least
    assert Fraction(printed) / 100 <= exact(counts.ratio) < Fraction(printed) / 100 + Fraction(1, 10_000)


@given(COUNTS, PERCENTAGES)
def test_the_shortfall_is_the_least_number_that_reaches_the_threshold(counts: Counts, least: Decimal) -> None:
    short = shortfall(counts, threshold(least))
    covered = counts.ratio.covered
    assert not Ratio(covered + short, counts.total).is_under(threshold(least))
    if short:
        assert Ratio(covered + short - 1, counts.total).is_under(threshold(least))


@pytest.mark.parametrize(
    ("covered", "total", "shown"),
    [(179, 200, "89.50 %"), (9999, 10_000, "99.99 %"), (99_999, 100_000, "99.99 %"), (0, 0, "100.00 %")],
)
def test_percentages_have_two_decimals_and_are_cut_off(covered: int, total: int, shown: str) -> None:
    assert Ratio(covered, total).percent == shown


def test_a_percentage_is_the_number_as_written_not_its_nearest_float() -> None:
    assert threshold(Decimal("89.1")) == Ratio(891, 1000)
    assert not Ratio(891, 1000).is_under(threshold(Decimal("89.1")))


def test_branches_count_as_coverage_counts_them() -> None:
    counts = Counts(statements=10, missing=2, branches=6, missing_branches=3, partial=1)
    assert (counts.ratio, counts.misses, counts.total) == (Ratio(11, 16), 5, 16)
