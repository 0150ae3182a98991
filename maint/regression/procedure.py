"""The sequential decision procedure, a state machine without I/O: what to measure next, then verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from maint.regression.comparison import Thresholds, Verdict
from maint.regression.decision import Decision, Outcome, Stage, Track
from maint.regression.estimation import Estimate, confirm_estimate, screen_estimates
from maint.regression.judgement import Design, Standing, cleared, confirmed, may_stop, screened
from maint.regression.reading import Reading
from maint.regression.statistics import holm

__all__ = ["Decision", "Design", "Procedure", "Stage"]


class Procedure:
    """Decide which benchmarks got slower, measuring block by block only what is still undecided.

    The *screen* looks at each benchmark after 4, 6 and 9 blocks. It clears early what is not slower by the
    warning threshold, and may suspect; it never convicts. Suspects are *confirmed* on fresh blocks, looked at
    after 4 and 8, with Holm's correction over all suspects. The estimates that convict therefore never
    contain the blocks that raised the suspicion: whatever made those look slow had its chance once.

    Alternate ``wanted()``, measuring, and ``record()`` until ``wanted()`` is empty or time is up, then
    ``conclude()``. The same readings give the same decisions; nothing here reads a clock or a random number.
    """

    def __init__(
        self,
        thresholds: Mapping[str, Thresholds],
        design: Design | None = None,
        clocks: Mapping[str, str] | None = None,
    ) -> None:
        """Take each benchmark's thresholds by name, and its forced clock (``cpu``, ``wall``) if any."""
        self._design = design or Design()
        forced = clocks or {}
        self._tracks = {name: Track(own, forced.get(name, "auto")) for name, own in thresholds.items()}
        self._asked = self.wanted()

    @property
    def stage(self) -> Stage:
        """The stage the next block belongs to; the last one's once all is settled."""
        wanted = self.wanted()
        if wanted:
            return self._tracks[wanted[0]].stage
        return "confirm" if any(track.readings["confirm"] for track in self._tracks.values()) else "screen"

    def wanted(self) -> tuple[str, ...]:
        """Name what to measure in the next block, in the order of the thresholds; empty once settled."""
        undecided = self.undecided()
        return tuple(name for name in undecided if self._tracks[name].stage == "screen") or undecided

    def undecided(self) -> tuple[str, ...]:
        """Name the benchmarks that further blocks may still decide, suspects included."""
        return tuple(
            name
            for name, track in self._tracks.items()
            if track.outcome is None and track.misses <= self._design.misses
        )

    def blocks_left(self) -> int:
        """Bound from above how many more blocks there will be, as long as no reading goes missing."""
        tracks = [self._tracks[name] for name in self.undecided()]
        screen = [self._design.looks[-1] - len(t.readings["screen"]) for t in tracks if t.stage == "screen"]
        confirm = [self._design.confirm_looks[-1] - len(t.readings["confirm"]) for t in tracks]
        return max(screen, default=0) + max(confirm, default=0)

    def blocks_to_look(self) -> int:
        """Bound from below how many more blocks there will be: those until the next look decides anything."""
        looks = {"screen": self._design.looks, "confirm": self._design.confirm_looks}
        taken = {(t.stage, len(t.readings[t.stage])) for name in self.wanted() if (t := self._tracks[name])}
        due = (look - done for stage, done in taken for look in looks[stage] if look > done)
        return min(due, default=0)

    def drop(self, name: str) -> None:
        """Forget a benchmark that cannot be measured: it is neither wanted nor concluded any more."""
        self._tracks.pop(name, None)

    def record(self, readings: Mapping[str, Reading]) -> None:
        """Take in one finished block; a wanted benchmark may be missing, it failed in this block.

        Readings of benchmarks that were not wanted are ignored.
        """
        wanted = self.wanted()
        measured = [name for name in wanted if name in readings]
        for name in measured:
            track = self._tracks[name]
            track.readings[track.stage].append(readings[name])
        # Dropping the last benchmark of a screen block makes suspects wanted that nobody asked for in time.
        for name in set(wanted).intersection(self._asked).difference(measured):
            self._tracks[name].misses += 1
        self._look_at_screen(measured)
        self._look_at_suspects(measured)
        self._asked = self.wanted()

    def conclude(self, cut_short: str = "") -> dict[str, Decision]:
        """Decide every benchmark not dropped with the data so far; changes no state.

        What is undecided is judged at the level of one look, and is INCONCLUSIVE where that does not settle
        it. ``cut_short`` says why there was no more data, such as "budget of 60 s spent".
        """
        screen, suspects = self._screen_estimates(), self._suspect_estimates()
        adjusted = self._adjusted(suspects)
        decisions = {}
        for name, track in self._tracks.items():
            outcome = track.outcome
            if outcome is None and name in suspects:
                outcome = Outcome(
                    self._convict(track, suspects[name], adjusted[name]), suspects[name], "confirm"
                )
            if outcome is None:
                outcome = Outcome(self._acquit(track, screen.get(name)), screen.get(name), "screen")
            stalled = f"failed in {track.misses} blocks" if track.misses > self._design.misses else ""
            decisions[name] = track.decision(outcome, self._design, stalled or cut_short)
        return decisions

    def _look_at_screen(self, measured: Sequence[str]) -> None:
        due = [
            name
            for name in measured
            if self._tracks[name].stage == "screen"
            and len(self._tracks[name].readings["screen"]) in self._design.looks
        ]
        estimates = self._screen_estimates() if due else {}
        level = self._design.screen_level
        for name in due:
            track, estimate = self._tracks[name], estimates[name]
            limits = track.bounds("screen", self._design.absolute_floor_s)
            final = len(track.readings["screen"]) >= self._design.looks[-1]
            standing = screened(estimate, limits, level, final=final)
            if standing is Standing.CLEAR:
                track.settle(standing, cleared(estimate, limits, level), estimate)
            else:
                track.standing = standing

    def _look_at_suspects(self, measured: Sequence[str]) -> None:
        looks = self._design.confirm_looks
        due = [name for name in measured if len(self._tracks[name].readings["confirm"]) in looks]
        estimates = self._suspect_estimates() if due else {}
        adjusted = self._adjusted(estimates)
        for name in due:
            track, estimate = self._tracks[name], estimates[name]
            limits = track.bounds("confirm", self._design.absolute_floor_s)
            verdict = self._convict(track, estimate, adjusted[name])
            final = len(track.readings["confirm"]) >= looks[-1]
            if final or may_stop(verdict, estimate, limits, self._design.confirm_level):
                track.settle(Standing.CONFIRMED, verdict, estimate)

    def _convict(self, track: Track, estimate: Estimate, adjusted: tuple[float, float]) -> Verdict:
        limits = track.bounds("confirm", self._design.absolute_floor_s)
        return confirmed(estimate, limits, self._design.confirm_level, *adjusted)

    def _acquit(self, track: Track, estimate: Estimate | None) -> Verdict:
        """Judge on screen blocks alone: they can clear, but not convict, nor clear their own suspect."""
        if estimate is None or track.stage == "confirm":
            return Verdict.INCONCLUSIVE
        limits, level = track.bounds("screen", self._design.absolute_floor_s), self._design.screen_level
        if screened(estimate, limits, level, final=True) is Standing.CLEAR:
            return cleared(estimate, limits, level)
        return Verdict.INCONCLUSIVE

    def _screen_estimates(self) -> dict[str, Estimate]:
        values = {name: track.values("screen") for name, track in self._tracks.items()}
        return screen_estimates(values, self._design.relative_floor, self._design.moderate_from)

    def _suspect_estimates(self) -> dict[str, Estimate]:
        """Estimate every suspect, the settled ones too: they stay in the family that Holm corrects for."""
        estimates = {}
        for name, track in self._tracks.items():
            fresh, screen = track.values("confirm"), track.values("screen")
            estimate = confirm_estimate(fresh, screen, self._design.relative_floor)
            if estimate is not None:
                estimates[name] = estimate
        return estimates

    def _adjusted(self, estimates: Mapping[str, Estimate]) -> dict[str, tuple[float, float]]:
        """Holm-adjusted p-values of each suspect, of being a warning and critical; 1 without an estimate."""
        family = [name for name, track in self._tracks.items() if track.stage == "confirm"]
        warning, critical = [], []
        for name in family:
            limits = self._tracks[name].bounds("confirm", self._design.absolute_floor_s)
            estimate = estimates.get(name)
            warning.append(estimate.p_above(limits.warning_proof) if estimate else 1.0)
            critical.append(estimate.p_above(limits.critical_proof) if estimate else 1.0)
        return dict(zip(family, zip(holm(warning), holm(critical), strict=True), strict=True))
