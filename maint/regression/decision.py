"""One benchmark on its way through the procedure: readings, standing, and the decision in the end."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median
from typing import Literal

import msgspec

from maint.regression.comparison import BlockPoint, Thresholds, Verdict
from maint.regression.estimation import Estimate
from maint.regression.judgement import (
    PRINTED_TAIL,
    Bounds,
    Design,
    Standing,
    blocks_needed,
    bounds,
    percent,
    reason,
)
from maint.regression.reading import Clock, Reading, choose_clock

Stage = Literal["screen", "confirm"]


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What the procedure says of one benchmark, and the numbers to print beside it.

    ``estimate`` is ln(head / baseline) on ``clock`` and ``half_width`` half its two-sided 95 % interval, both
    from the ``blocks`` of ``stage``, the ones that decided. With a single block there is no interval, with
    none no number at all. ``*_s`` are seconds per call, medians over those blocks; ``points`` holds every
    block of both stages. ``more_blocks`` estimates how many further blocks would settle an INCONCLUSIVE;
    None if it is none, or beyond reach.
    """

    verdict: Verdict
    clock: Clock
    stage: Stage
    estimate: float | None
    half_width: float | None
    blocks: int
    pairs: int
    baseline_s: float | None
    head_s: float | None
    cpu_change_pct: float | None
    wall_change_pct: float | None
    reason: str
    more_blocks: int | None
    points: tuple[BlockPoint, ...]

    @property
    def change_pct(self) -> float | None:
        """The estimate as percent slower."""
        return None if self.estimate is None else percent(self.estimate)

    @property
    def ci_pct(self) -> tuple[float, float] | None:
        """The 95 % interval as percent slower."""
        if self.estimate is None or self.half_width is None:
            return None
        return percent(self.estimate - self.half_width), percent(self.estimate + self.half_width)


class Outcome(msgspec.Struct, frozen=True):
    """A verdict with the estimate it rests on, None where there were too few blocks for one."""

    verdict: Verdict
    estimate: Estimate | None
    stage: Stage


class Track:
    """One benchmark's readings in both stages and where it stands; ``outcome`` is set once it is settled."""

    def __init__(self, thresholds: Thresholds, forced_clock: str) -> None:
        self.thresholds = thresholds
        self.standing = Standing.OPEN
        self.readings: dict[Stage, list[Reading]] = {"screen": [], "confirm": []}
        self.misses = 0
        self.outcome: Outcome | None = None
        self._forced_clock = forced_clock

    @property
    def stage(self) -> Stage:
        """The stage its next block, or its verdict, belongs to."""
        return "confirm" if self.standing in (Standing.SUSPECT, Standing.CONFIRMED) else "screen"

    @property
    def clock(self) -> Clock:
        """Chosen anew from all readings each time: a later block may show the waiting that early ones hid."""
        return choose_clock([*self.readings["screen"], *self.readings["confirm"]], self._forced_clock)

    def values(self, stage: Stage) -> list[float]:
        """Return the log ratios of a stage's blocks on the clock that decides."""
        clock = self.clock
        return [reading.log_ratio(clock) for reading in self.readings[stage]]

    def seconds(self, stage: Stage) -> tuple[float, float] | None:
        """Return seconds per call, baseline and head, medians over a stage's blocks; None without any."""
        clock = self.clock
        sides = [reading.seconds(clock) for reading in self.readings[stage]]
        return (median(b for b, _ in sides), median(h for _, h in sides)) if sides else None

    def bounds(self, stage: Stage, floor_s: float) -> Bounds:
        """Return the bounds its thresholds make, the absolute floor being ``floor_s`` per call."""
        return bounds(self.thresholds, min(self.seconds(stage) or (0.0,)), floor_s)

    def settle(self, standing: Standing, verdict: Verdict, estimate: Estimate) -> None:
        """Fix the outcome; no further block is wanted."""
        self.standing = standing
        self.outcome = Outcome(verdict, estimate, self.stage)

    def decision(self, outcome: Outcome, design: Design, cut_short: str) -> Decision:
        """Dress an outcome with the numbers to print; ``cut_short`` says why an unsettled one stopped."""
        readings = self.readings[outcome.stage]
        seconds = self.seconds(outcome.stage)
        estimate = outcome.estimate
        values = self.values(outcome.stage)
        return Decision(
            verdict=outcome.verdict,
            clock=self.clock,
            stage=outcome.stage,
            estimate=estimate.centre if estimate else _mean(values),
            half_width=estimate.half_width(PRINTED_TAIL) if estimate else None,
            blocks=len(readings),
            pairs=sum(reading.pairs for reading in readings),
            baseline_s=seconds[0] if seconds else None,
            head_s=seconds[1] if seconds else None,
            cpu_change_pct=_mean_percent([reading.cpu for reading in readings]),
            wall_change_pct=_mean_percent([reading.wall for reading in readings]),
            reason=self._reason(outcome, design, "" if self.outcome else cut_short or "stopped early"),
            more_blocks=self._more_blocks(outcome, design),
            points=self._points(),
        )

    def _reason(self, outcome: Outcome, design: Design, cut_short: str) -> str:
        level = design.confirm_level if outcome.stage == "confirm" else design.screen_level
        if outcome.estimate is None:
            phrase = "too few blocks measured"
        elif self.stage == "confirm" and outcome.stage == "screen":
            phrase = "suspected, not confirmed"
        else:
            limits = self.bounds(outcome.stage, design.absolute_floor_s)
            phrase = reason(outcome.verdict, outcome.estimate, limits, self.thresholds, level)
        return f"{phrase}: {cut_short}" if phrase and cut_short else phrase

    def _more_blocks(self, outcome: Outcome, design: Design) -> int | None:
        if outcome.verdict is not Verdict.INCONCLUSIVE:
            return None
        estimate = outcome.estimate
        if estimate is None:
            return max(1, design.looks[0] - len(self.readings["screen"]))
        limits = self.bounds(outcome.stage, design.absolute_floor_s)
        level = design.confirm_level if outcome.stage == "confirm" else design.screen_level
        needed = blocks_needed(estimate, limits, level)
        if needed is None:
            return None
        if estimate.centre >= limits.warning or self.stage == "confirm":
            return max(1, max(needed, design.confirm_looks[0]) - len(self.readings["confirm"]))
        return max(1, needed - estimate.blocks)

    def _points(self) -> tuple[BlockPoint, ...]:
        clock = self.clock
        return tuple(
            BlockPoint(stage, *reading.seconds(clock), reading.log_ratio(clock), reading.pairs)
            for stage, readings in self.readings.items()
            for reading in readings
        )


def _mean(log_ratios: Sequence[float]) -> float | None:
    return fmean(log_ratios) if log_ratios else None


def _mean_percent(log_ratios: Sequence[float]) -> float | None:
    return percent(fmean(log_ratios)) if log_ratios else None
