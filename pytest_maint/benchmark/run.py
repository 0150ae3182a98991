"""The gate's loop: blocks until every benchmark is decided, the budget is spent, or nothing is left."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from maint.regression.comparison import RESULT_DIFFERS, Row
from maint.regression.procedure import Decision, Procedure
from maint.regression.reading import Reading

from .block import LEAVE_S, Block, Launch, Measured
from .candidate import Candidate
from .fault import Fault
from .pair import Calibration
from .process import WorkerProcess
from .settings import GateSettings

_TRIES = 2
_CONSISTENT_BLOCKS = 2
_LEAST_PATIENCE_S = 5.0

Progress = Callable[[str], None]


class Record:
    """What the blocks so far say of one benchmark."""

    def __init__(self) -> None:
        self.blocks = 0
        self.digests: dict[str, set[str | None]] = defaultdict(set)
        self.facts: dict[str, Any] = {}
        self.notes: list[str] = []
        self.faults = 0
        self.fault: Fault | None = None

    def add(self, measured: Measured) -> None:
        """Take in one block."""
        self.blocks += 1
        for side, digest in measured.digests.items():
            self.digests[side].add(digest)
        self.facts = measured.facts
        self.notes = measured.notes

    @property
    def result_differs(self) -> bool:
        """Whether each side returns the same in every block, but not the same as the other side.

        Blocks differ in their hash seed, so a value that follows it is no steady result and says nothing.
        """
        sides = list(self.digests.values())
        steady = len(sides) == 2 and all(len(side) == 1 and None not in side for side in sides)
        return steady and sides[0] != sides[1] and self.blocks >= _CONSISTENT_BLOCKS


class GateRun:
    """Measures ``candidates`` and decides; :meth:`rows` has the verdicts, whenever it is asked.

    ``began`` (of ``time.monotonic``) is when the budget started to run, if that was before now.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        launch: Launch,
        settings: GateSettings,
        progress: Progress,
        began: float | None = None,
    ) -> None:
        self._candidates = {candidate.node_id: candidate for candidate in candidates}
        self._settings = settings
        self._launch = launch
        self._progress = progress
        self._created = time.monotonic()
        self._began = self._created if began is None else began
        self._calibrations: dict[str, Calibration] = {}
        self._records: dict[str, Record] = defaultdict(Record)
        self._cut_short = ""
        self._blocks = 0
        self._procedure = Procedure(
            {name: one.thresholds for name, one in self._candidates.items()},
            clocks={name: one.clock for name, one in self._candidates.items()},
        )
        # Fresh seeds on every run: a fixed list would measure the same few arbitrary draws for ever.
        self._seeds = random.SystemRandom()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the gate began, the making of the trees included."""
        return time.monotonic() - self._began

    def settle(self, rows: Iterable[str]) -> None:
        """Leave these benchmarks out: something else than timing has decided them."""
        for name in rows:
            self._procedure.drop(name)

    def measure(self) -> None:
        """Run blocks until nothing is wanted any more or the budget is spent."""
        leaving: list[WorkerProcess] = []
        try:
            while wanted := self._procedure.wanted():
                # A budget that the preparation has eaten up still buys one look at where imports come from.
                if self._blocks and self._spent():
                    return
                self._blocks += 1
                self._progress(self._line(self._blocks, len(wanted)))
                self._run_block(wanted, leaving)
        finally:
            for worker in leaving:
                worker.finish(LEAVE_S)

    def rows(self) -> list[Row]:
        """One row a candidate, in the order of the candidates."""
        decisions = self._procedure.conclude(self._cut_short)
        return [
            self._faulty_row(name, fault)
            if (fault := self._records[name].fault)
            else self._decided_row(name, decisions[name])
            for name in self._candidates
            if name in decisions or self._records[name].fault
        ]

    def _run_block(self, wanted: Sequence[str], leaving: list[WorkerProcess]) -> None:
        block = Block(self._launch, self._seeds.randrange(1, 2**32), self._patience(), leaving)
        readings: dict[str, Reading] = {}
        for name, outcome in block.run(wanted, self._calibrations):
            if isinstance(outcome, Fault):
                if outcome.transient and self._spent():
                    break  # it was the budget that ran out
                self._fail(name, outcome)
                readings.pop(name, None)
            else:
                self._calibrations.setdefault(name, outcome.calibration)
                self._records[name].add(outcome)
                readings[name] = outcome.reading
            if self._spent():
                break
        self._procedure.record(readings)

    def _fail(self, name: str, fault: Fault) -> None:
        record = self._records[name]
        record.faults += 1
        if not fault.transient or record.faults >= _TRIES:
            record.fault = fault
            self._procedure.drop(name)

    def _patience(self) -> float:
        """Seconds that a step may take: a worker that hangs must not outlast the budget."""
        timeout, budget = self._settings.timeout, self._settings.budget
        return timeout if budget is None else min(timeout, max(_LEAST_PATIENCE_S, budget - self.elapsed_s))

    def _spent(self) -> bool:
        budget = self._settings.budget
        if budget is not None and self.elapsed_s >= budget:
            self._cut_short = f"budget of {budget:g} s spent"
        return bool(self._cut_short)

    def _line(self, number: int, wanted: int) -> str:
        least, most = self._procedure.blocks_to_look(), self._procedure.blocks_left()
        done = number - 1
        estimate = ""
        if done:
            per_block = self._block_s(done)
            estimate = f", {per_block * least:.0f} to {per_block * most:.0f} s left"
        return (
            f"block {number} of {done + least} to {done + most} ({self._procedure.stage}): "
            f"{wanted} undecided, {self.elapsed_s:.0f} s elapsed{estimate}"
        )

    def _block_s(self, blocks: int) -> float:
        return (time.monotonic() - self._created) / blocks

    def _faulty_row(self, name: str, fault: Fault) -> Row:
        return Row(
            name=name,
            status=fault.verdict,
            reason=fault.reason,
            output=fault.output,
            thresholds=self._candidates[name].thresholds,
        )

    def _decided_row(self, name: str, decision: Decision) -> Row:
        record = self._records[name]
        return Row(
            name=name,
            status=decision.verdict,
            change_pct=decision.change_pct,
            ci_pct=decision.ci_pct,
            baseline_s=decision.baseline_s,
            head_s=decision.head_s,
            clock=decision.clock,
            blocks=len(decision.points),
            pairs=sum(point.pairs for point in decision.points),
            reason=self._reason(decision),
            thresholds=self._candidates[name].thresholds,
            points=decision.points,
            wall_change_pct=decision.wall_change_pct,
            cpu_change_pct=decision.cpu_change_pct,
            group=record.facts.get("group"),
            params=record.facts.get("params"),
            extra_info=record.facts.get("extra_info") or {},
            notes=(*record.notes, *([RESULT_DIFFERS] if record.result_differs else [])),
        )

    def _reason(self, decision: Decision) -> str:
        """The procedure's reason; for what is not settled, also the seconds that would settle it."""
        if decision.more_blocks is None or not self._blocks:
            return decision.reason
        seconds = decision.more_blocks * self._block_s(self._blocks)
        return f"{decision.reason}; about {seconds:.0f} s more would settle it"
