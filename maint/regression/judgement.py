"""The rules that turn an estimate into a verdict: constants, bounds, classes, reasons."""

from __future__ import annotations

import enum
import math

import msgspec

from maint.regression.comparison import Thresholds, Verdict
from maint.regression.estimation import Estimate
from maint.regression.statistics import student_quantile

_WARNING_PROOF = 0.3
PRINTED_TAIL = 0.025
_CRITICAL_PROOF = 0.4
_MOST_BLOCKS = 1000
_LARGEST_LOG = math.log(1e6)


class Design(msgspec.Struct, frozen=True, kw_only=True):
    """The constants of the procedure; ``benchmarks/procedure_simulation.py`` measures what they achieve.

    ``looks`` and ``confirm_looks`` are the numbers of blocks after which each stage may decide; a stage's
    one-sided alpha is split equally over its looks. ``relative_floor`` is the least standard deviation of a
    block value that is believed. A difference below ``absolute_floor_s`` seconds per call is never a
    slow-down: timers and loops are no better than that. ``moderate_from`` is the number of benchmarks that
    makes a common prior variance worth estimating. A benchmark without a reading in more than ``misses``
    blocks is measured no further.
    """

    looks: tuple[int, ...] = (4, 6, 9)
    screen_alpha: float = 0.02
    confirm_looks: tuple[int, ...] = (4, 8)
    confirm_alpha: float = 0.01
    relative_floor: float = 0.003
    absolute_floor_s: float = 20e-9
    moderate_from: int = 6
    misses: int = 3

    @property
    def screen_level(self) -> float:
        """One-sided error probability of one look of the screen."""
        return self.screen_alpha / len(self.looks)

    @property
    def confirm_level(self) -> float:
        """One-sided error probability of one look of the confirmation, over all suspects together."""
        return self.confirm_alpha / len(self.confirm_looks)


class Bounds(msgspec.Struct, frozen=True):
    """Log ratios: where the classes begin, and what must be excluded for a class to count as proven.

    The estimate picks the class; significance is asked against the lower ``*_proof``, since an interval
    clear of the class's own bound would be asking to miss most slow-downs just above it.
    """

    warning: float
    critical: float
    warning_proof: float
    critical_proof: float


class Standing(enum.Enum):
    """Where one benchmark is in the procedure."""

    OPEN = "open"
    CLEAR = "clear"
    SUSPECT = "suspect"
    CONFIRMED = "confirmed"


def bounds(thresholds: Thresholds, faster_s: float, floor_s: float) -> Bounds:
    """Return the bounds for a benchmark whose faster side takes ``faster_s`` seconds per call.

    The absolute floor lifts both classes. Proof of a warning excludes 0.3 of the threshold (+3 % of +10 %);
    proof of a critical slow-down excludes the warning threshold, or 0.4 of the critical one if that is less.
    """
    floor = floor_s / faster_s if faster_s > 0.0 else math.inf
    return Bounds(
        warning=math.log1p(max(thresholds.warning, floor)),
        critical=math.log1p(max(thresholds.critical, thresholds.warning, floor)),
        warning_proof=math.log1p(_WARNING_PROOF * thresholds.warning),
        critical_proof=math.log1p(min(thresholds.warning, _CRITICAL_PROOF * thresholds.critical)),
    )


def screened(estimate: Estimate, limits: Bounds, level: float, *, final: bool) -> Standing:
    """Judge a benchmark at a look of the screen; ``final`` at the last one, where OPEN is no answer."""
    if estimate.p_below(limits.warning) < level:
        return Standing.CLEAR
    if estimate.centre >= limits.warning and estimate.p_above(limits.warning_proof) < level:
        return Standing.SUSPECT
    if not final:
        return Standing.OPEN
    return Standing.CLEAR if estimate.p_below(limits.critical) < level else Standing.SUSPECT


def cleared(estimate: Estimate, limits: Bounds, level: float) -> Verdict:
    """Judge a benchmark that is not proven slower: improved, passed, or not settled.

    IMPROVED is WARNING mirrored, decided on the screen without confirmation: it fails nobody, and simulated
    suites of identical code show it for about 2 benchmarks in 1000, at block noise of up to 10 %.
    """
    if estimate.centre <= -limits.warning and estimate.p_below(-limits.warning_proof) < level:
        return Verdict.IMPROVED
    return Verdict.PASS if estimate.p_below(limits.critical) < level else Verdict.INCONCLUSIVE


def confirmed(
    estimate: Estimate, limits: Bounds, level: float, p_warning: float, p_critical: float
) -> Verdict:
    """Judge a suspect on its fresh blocks; both p-values are already adjusted for all suspects."""
    if estimate.centre >= limits.critical and p_critical < level:
        return Verdict.CRITICAL
    if estimate.centre >= limits.warning and p_warning < level:
        return Verdict.WARNING
    return cleared(estimate, limits, level)


def may_stop(verdict: Verdict, estimate: Estimate, limits: Bounds, level: float) -> bool:
    """Say whether a verdict stands before the last look: when the next class up is excluded."""
    if verdict is Verdict.CRITICAL:
        return True
    next_class = limits.critical if verdict is Verdict.WARNING else limits.warning
    return estimate.p_below(next_class) < level


def blocks_needed(estimate: Estimate, limits: Bounds, level: float) -> int | None:
    """Return the number of blocks that settles the class if centre and spread stay; None if over 1000.

    n = (t s / gap)², where the gap is the distance to the nearest bound whose exclusion would settle it.
    """
    if estimate.centre >= limits.critical:
        gap = estimate.centre - limits.critical_proof
    elif estimate.centre >= limits.warning:
        gap = max(limits.critical - estimate.centre, estimate.centre - limits.warning_proof)
    else:
        gap = limits.critical - estimate.centre
    width = student_quantile(1.0 - level, estimate.df) * estimate.spread
    if width > gap * math.sqrt(_MOST_BLOCKS):
        return None
    return math.ceil((width / gap) ** 2)


def percent(log_ratio: float) -> float:
    """Return a log ratio as percent slower; capped at a factor of a million, which is no interval at all."""
    return 100.0 * math.expm1(min(log_ratio, _LARGEST_LOG))


def reason(verdict: Verdict, estimate: Estimate, limits: Bounds, thresholds: Thresholds, level: float) -> str:
    """Say in a phrase what the verdict rests on or leaves open; empty where there is nothing to add."""
    if verdict in (Verdict.CRITICAL, Verdict.WARNING):
        return f"confirmed on {estimate.blocks} fresh blocks"
    if verdict is Verdict.INCONCLUSIVE:
        upper = percent(estimate.centre + estimate.half_width(level))
        return f"up to {upper:+.0f} % not excluded"
    # By the interval that is printed beside it: its words must not contradict its numbers.
    if verdict is Verdict.PASS and estimate.centre + estimate.half_width(PRINTED_TAIL) >= limits.warning:
        return f"at least {percent(limits.warning):+.0f} % not excluded"
    if verdict is Verdict.PASS and estimate.centre >= math.log1p(thresholds.warning):
        return "slower by less than the absolute floor per call"
    return ""
