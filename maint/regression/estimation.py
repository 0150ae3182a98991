"""From block values to one estimate a benchmark: a mean, a spread that borrows strength, Student's t.

A block, one fresh pair of processes, is the unit of replication: what repeats inside a process shares its
hash seed and its memory layout, and says nothing of the next process.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, variance

import msgspec

from maint.regression.statistics import moderate, student_cdf, student_quantile

FEWEST_BLOCKS = 2


class Estimate(msgspec.Struct, frozen=True):
    """A log ratio ``centre`` from ``blocks`` block values of standard deviation ``spread`` with ``df``."""

    centre: float
    spread: float
    df: float
    blocks: int

    @property
    def error(self) -> float:
        """Standard error of the centre."""
        return self.spread / math.sqrt(self.blocks)

    def half_width(self, tail: float) -> float:
        """Half the interval that leaves ``tail`` on each side: 0.025 makes it the 95 % interval."""
        return student_quantile(1.0 - tail, self.df) * self.error

    def p_above(self, bound: float) -> float:
        """p-value against "the true log ratio is at most ``bound``"."""
        return student_cdf((bound - self.centre) / self.error, self.df)

    def p_below(self, bound: float) -> float:
        """p-value against "the true log ratio is at least ``bound``"."""
        return student_cdf((self.centre - bound) / self.error, self.df)


def screen_estimates(
    values: Mapping[str, Sequence[float]], least_spread: float, moderate_from: int
) -> dict[str, Estimate]:
    """Estimate every benchmark that has two block values or more.

    From ``moderate_from`` benchmarks on, their variances are moderated: three degrees of freedom of one's
    own are few, and the blocks of a suite are disturbed alike. No spread below ``least_spread`` is believed.
    """
    usable = {name: series for name, series in values.items() if len(series) >= FEWEST_BLOCKS}
    variances = [variance(series) for series in usable.values()]
    df = [len(series) - 1.0 for series in usable.values()]
    if len(usable) >= moderate_from:
        moderation = moderate(variances, df)
        variances, df = list(moderation.variances), list(moderation.df)
    return {
        name: Estimate(fmean(series), max(least_spread, math.sqrt(v)), d, len(series))
        for (name, series), v, d in zip(usable.items(), variances, df, strict=True)
    }


def confirm_estimate(fresh: Sequence[float], screen: Sequence[float], least_spread: float) -> Estimate | None:
    """Estimate a suspect on its ``fresh`` blocks alone; None below two of them.

    The blocks that raised the suspicion are no evidence of it, so they stay out of the mean. Their scatter
    about their own mean is evidence of the spread, and is pooled. The other benchmarks are not: a suspect is
    selected, often for being noisier than they are.
    """
    if len(fresh) < FEWEST_BLOCKS:
        return None
    df = len(fresh) - 1.0
    squares = variance(fresh) * df
    if len(screen) >= FEWEST_BLOCKS:
        df += len(screen) - 1.0
        squares += variance(screen) * (len(screen) - 1.0)
    return Estimate(fmean(fresh), max(least_spread, math.sqrt(squares / df)), df, len(fresh))
