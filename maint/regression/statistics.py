"""The few statistical functions the gate needs, in plain Python: polygamma, Student's t, moderation, Holm."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist, fmean, median, variance

import msgspec

_SHIFT = 12.0
_TINY = 1e-300
_PRECISION = 1e-15
_ROUNDS = 10_000
_SMALLEST_SHARE = 1e-5
_PRIOR_CAP = 8.0


def digamma(x: float) -> float:
    """Return ψ(x), the derivative of ln Γ, for ``x > 0`` (recurrence, then DLMF 5.11.2)."""
    total = 0.0
    while x < _SHIFT:
        total -= 1.0 / x
        x += 1.0
    square = 1.0 / (x * x)
    series = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square / 132))))
    return total + math.log(x) - 0.5 / x - series


def trigamma(x: float) -> float:
    """Return ψ'(x) for ``x > 0`` (recurrence, then the derivative of DLMF 5.11.2)."""
    total = 0.0
    while x < _SHIFT:
        total += 1.0 / (x * x)
        x += 1.0
    square = 1.0 / (x * x)
    series = square * (1 / 6 - square * (1 / 30 - square * (1 / 42 - square * (1 / 30 - square * 5 / 66))))
    return total + (1.0 + 0.5 / x + series) / x


def inverse_trigamma(y: float) -> float:
    """Return the ``x > 0`` with ψ'(x) = ``y > 0``, by bisection between 1/x + 1/2x² < ψ'(x) < 1/x + 1/x²."""
    low = (1.0 + math.sqrt(1.0 + 2.0 * y)) / (2.0 * y)
    high = (1.0 + math.sqrt(1.0 + 4.0 * y)) / (2.0 * y)
    while high - low > _PRECISION * high:
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if trigamma(middle) > y:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _beta_fraction(a: float, b: float, x: float) -> float:
    """Evaluate the continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method."""
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d or _TINY)
    value = d
    for m in range(1, _ROUNDS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1.0 / (1.0 + term * d or _TINY)
            c = 1.0 + term / c or _TINY
            value *= c * d
        if abs(c * d - 1.0) < _PRECISION:
            break
    return value


def _incomplete_beta(a: float, b: float, x: float, rest: float) -> float:
    """Return the regularised I_x(a, b); ``rest`` is 1 - x, given apart so that neither loses digits."""
    if x <= 0.0 or rest <= 0.0:
        return 0.0 if x <= 0.0 else 1.0
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(rest)
    if x < (a + 1.0) / (a + b + 2.0):
        return math.exp(log_front) * _beta_fraction(a, b, x) / a
    return 1.0 - math.exp(log_front) * _beta_fraction(b, a, rest) / b


def student_cdf(t: float, df: float) -> float:
    """Return P(T <= t) of Student's t with ``df > 0`` degrees of freedom; infinity means the normal law.

    The lower tail keeps its relative precision, so take an upper tail as ``student_cdf(-t, df)``.
    """
    if math.isinf(df):
        return 0.5 * math.erfc(-t / math.sqrt(2.0))
    if math.isinf(t):
        return 0.0 if t < 0.0 else 1.0
    scaled = t * t / df
    tail = 0.5 * _incomplete_beta(0.5 * df, 0.5, 1.0 / (1.0 + scaled), scaled / (1.0 + scaled))
    return tail if t <= 0.0 else 1.0 - tail


def _student_density(t: float, df: float) -> float:
    log_scale = math.lgamma(0.5 * (df + 1.0)) - math.lgamma(0.5 * df) - 0.5 * math.log(df * math.pi)
    return math.exp(log_scale - 0.5 * (df + 1.0) * math.log1p(t * t / df))


@lru_cache(maxsize=4096)
def student_quantile(p: float, df: float) -> float:
    """Return the t with P(T <= t) = ``p`` (0 < p < 1), by Newton's method from the normal quantile.

    The upper tail is convex and the start lies inside it, so the steps only ever go outwards.

    Raises:
        ValueError: ``p`` is not strictly between 0 and 1.
    """
    if not 0.0 < p < 1.0:
        raise ValueError(f"student quantile: p is {p}, it must lie between 0 and 1")
    tail = min(p, 1.0 - p)
    t = max(0.0, -NormalDist().inv_cdf(tail))
    if math.isinf(df):
        return math.copysign(t, p - 0.5)
    for _ in range(_ROUNDS):
        step = (student_cdf(-t, df) - tail) / _student_density(t, df)
        t += step
        if step <= 1e-13 * t:
            break
    return math.copysign(t, p - 0.5)


class Moderation(msgspec.Struct, frozen=True):
    """Variances shrunk towards a common prior: ``variances[i]`` has ``df[i]`` degrees of freedom.

    ``prior_df`` is infinite when the variances differ no more than chance explains.
    """

    prior_variance: float
    prior_df: float
    variances: tuple[float, ...]
    df: tuple[float, ...]


def moderate(variances: Sequence[float], df: Sequence[float]) -> Moderation:
    """Shrink sample variances towards their common prior (limma: Smyth 2004, sections 4 and 6.2).

    ``variances[i]`` was estimated with ``df[i] > 0`` degrees of freedom. The prior counts for at most eight
    times a benchmark's own degrees of freedom: a handful of benchmarks cannot vouch for more.

    Raises:
        ValueError: fewer than two variances, or lengths differ.
    """
    if len(variances) < 2 or len(variances) != len(df):
        raise ValueError(f"moderate: {len(variances)} variances with {len(df)} df, two of each are needed")
    prior_variance, prior_df = _prior(variances, df)
    weights = [min(prior_df, _PRIOR_CAP * d) for d in df]
    shrunk = tuple(
        (w * prior_variance + d * v) / (w + d) for v, d, w in zip(variances, df, weights, strict=True)
    )
    return Moderation(
        prior_variance, prior_df, shrunk, tuple(w + d for w, d in zip(weights, df, strict=True))
    )


def _prior(variances: Sequence[float], df: Sequence[float]) -> tuple[float, float]:
    smallest = _SMALLEST_SHARE * (median(variances) or max(variances))
    if smallest == 0.0:
        return 0.0, math.inf
    logs = [
        math.log(max(v, smallest)) - digamma(0.5 * d) + math.log(0.5 * d)
        for v, d in zip(variances, df, strict=True)
    ]
    centre = fmean(logs)
    excess = variance(logs) - fmean(trigamma(0.5 * d) for d in df)
    if excess <= 0.0:
        return math.exp(centre), math.inf
    half = inverse_trigamma(excess)
    return math.exp(centre + digamma(half) - math.log(half)), 2.0 * half


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return Holm's (1979) step-down adjusted p-values, in the order given."""
    adjusted = [0.0] * len(p_values)
    floor = 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        floor = max(floor, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = floor
    return tuple(adjusted)
