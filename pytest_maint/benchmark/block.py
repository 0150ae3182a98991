"""One block: a fresh pair of processes with one hash seed, taken through every benchmark still wanted."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from maint.regression.reading import Reading

from .fault import (
    Fault,
    broken_session,
    failed_again,
    failed_test,
    lost_worker,
    uncollected,
    unused,
    wrong_tree,
)
from .pair import Calibration, CallFailed, WorkerPair
from .process import WorkerLost, WorkerProcess

Launch = Callable[[str, Sequence[str], int, bool], WorkerProcess]
"""``(side, node ids, hash seed, thorough audit)`` to a started worker; sides are "baseline" and "head"."""

SIDES = ("baseline", "head")
START_TIMEOUT_FACTOR = 5
LEAVE_S = 10.0
"""Seconds an interpreter may take to shut down; its session has ended by then."""


class Measured:
    """What one block says of one benchmark."""

    __slots__ = ("calibration", "digests", "facts", "notes", "reading")

    def __init__(self, reading: Reading, calibration: Calibration, digests: dict[str, str | None]) -> None:
        self.reading = reading
        self.calibration = calibration
        self.digests = digests
        self.facts: dict[str, Any] = {}
        self.notes: list[str] = []


class Block:
    """Takes a pair of workers through benchmarks, and goes on with a new pair when one is lost."""

    def __init__(
        self, launch: Launch, seed: int, timeout_s: float, leaving: list[WorkerProcess] | None = None
    ) -> None:
        self._launch = launch
        self._seed = seed
        self._timeout_s = timeout_s
        # Workers of the last block, whose interpreters shut down while this block's start up.
        self._leaving = [] if leaving is None else leaving

    def run(
        self, node_ids: Sequence[str], calibrations: Mapping[str, Calibration]
    ) -> Iterator[tuple[str, Measured | Fault]]:
        """Yield each benchmark with its reading, or with what kept it from having one.

        A fault may follow a benchmark's reading: the last audit speaks for the whole session.
        """
        left = list(node_ids)
        while left:
            workers: dict[str, WorkerProcess] = {}
            try:
                for side in random.Random(self._seed + len(left)).sample(SIDES, 2):
                    workers[side] = self._launch(side, left, self._seed, not calibrations)
                for node_id, outcome in self._session(workers, left, calibrations):
                    if node_id in left:
                        left.remove(node_id)
                    yield node_id, outcome
            finally:
                for worker in workers.values():
                    worker.kill()

    def _session(
        self,
        workers: dict[str, WorkerProcess],
        node_ids: list[str],
        calibrations: Mapping[str, Calibration],
    ) -> Iterator[tuple[str, Measured | Fault]]:
        """One pair's session; ends early, after the benchmark at fault, when a worker is lost."""
        collected: dict[str, dict[str, Any]] = {}
        for side, worker in workers.items():
            try:
                collected[side] = worker.receive(
                    self._timeout_s * START_TIMEOUT_FACTOR, "collected", "broken"
                )
            except WorkerLost as lost:
                # Nothing says which benchmark is to blame, and the next pair would meet the same end.
                yield from ((node_id, lost_worker(worker, lost)) for node_id in list(node_ids))
                return
        while self._leaving:
            self._leaving.pop().finish(LEAVE_S)
        faults = dict(_collection_faults(workers, collected, node_ids))
        yield from faults.items()
        order = [n for n in collected["head"].get("node_ids", ()) if n not in faults]
        if not order:
            return
        for worker in workers.values():
            worker.send("begin", node_ids=order)
        pair = WorkerPair(workers["baseline"], workers["head"], self._seed, self._timeout_s)
        for node_id in order:
            try:
                yield node_id, self._benchmark(pair, workers, calibrations.get(node_id))
            except _Lost as lost:
                yield node_id, lost.fault
                return
        if fault := self._dismiss(workers):
            yield from ((node_id, fault) for node_id in order)

    def _dismiss(self, workers: dict[str, WorkerProcess]) -> Fault | None:
        """Take the last audits of workers that came to their end, and let them go."""
        fault = None
        for side, worker in list(workers.items()):
            try:
                fault = fault or wrong_tree({side: worker.receive(self._timeout_s, "finished")})
            except WorkerLost:
                continue
            self._leaving.append(workers.pop(side))
        return fault

    def _benchmark(
        self, pair: WorkerPair, workers: Mapping[str, WorkerProcess], plan: Calibration | None
    ) -> Measured | Fault:
        arrived = {side: self._receive(worker, "ready", "done") for side, worker in workers.items()}
        ended = {side: message for side, message in arrived.items() if message["kind"] == "done"}
        for side, worker in workers.items():
            if ended and side not in ended:
                worker.send("stop")
                self._receive(worker, "done")
        if ended:
            side = "head" if "head" in ended else "baseline"
            failure = ended[side]["failure"]
            return failed_test(side, failure) if failure else unused(side)
        if fault := wrong_tree(arrived):
            self._stop(workers)
            return fault
        try:
            plan = plan or pair.calibrate()
            reading = pair.measure(plan, arrived["head"]["calls_per_run"])
        except WorkerLost as lost:
            raise _Lost(lost_worker(workers[lost.side], lost)) from lost
        except CallFailed as failed:
            self._stop({side: worker for side, worker in workers.items() if side != failed.side})
            return failed_again(failed.side, failed.failure)
        measured = Measured(reading, plan, {side: message["digest"] for side, message in arrived.items()})
        return self._after(self._stop(workers), measured)

    def _after(self, done: Mapping[str, dict[str, Any]], measured: Measured) -> Measured | Fault:
        """Judge how the tests ended once their benchmark was measured."""
        if fault := wrong_tree(done):
            return fault
        if done["head"]["failure"]:
            return failed_test("head", done["head"]["failure"])
        if done["baseline"]["failure"]:
            # Head's assertions may not hold for the baseline's results; its time is still its time.
            measured.notes.append(f"baseline fails the test itself: {done['baseline']['failure']['message']}")
        measured.facts = {key: done["head"][key] for key in ("group", "params", "extra_info")}
        return measured

    def _stop(self, workers: Mapping[str, WorkerProcess]) -> dict[str, dict[str, Any]]:
        for worker in workers.values():
            worker.send("stop")
        return {side: self._receive(worker, "done") for side, worker in workers.items()}

    def _receive(self, worker: WorkerProcess, *kinds: str) -> dict[str, Any]:
        try:
            return worker.receive(self._timeout_s, *kinds)
        except WorkerLost as lost:
            raise _Lost(lost_worker(worker, lost)) from lost


class _Lost(Exception):
    """A worker was lost in mid-benchmark."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


def _collection_faults(
    workers: Mapping[str, WorkerProcess], collected: Mapping[str, dict[str, Any]], node_ids: Sequence[str]
) -> Iterator[tuple[str, Fault]]:
    """Benchmarks that one side does not have, head's faults before the baseline's."""
    fault = wrong_tree(collected)
    for node_id in node_ids:
        if fault:
            yield node_id, fault
            continue
        for side in ("head", "baseline"):
            message = collected[side]
            if message["kind"] == "broken":
                yield node_id, broken_session(workers[side], message)
                break
            if node_id not in message["node_ids"]:
                yield node_id, uncollected(side, node_id, message["errors"])
                break
