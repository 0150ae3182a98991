"""``--maint-unaffected=skip``: a benchmark that runs the same project code on both sides needs no timing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from maint.regression.comparison import Row, Verdict

from .block import SIDES, START_TIMEOUT_FACTOR, Launch
from .candidate import Candidate
from .fault import wrong_tree
from .process import WorkerLost, WorkerProcess

_SEED = 1


def unaffected(
    candidates: Sequence[Candidate], launch: Launch, timeout_s: float, progress: Callable[[str], None]
) -> dict[str, Row]:
    """PASS rows of the benchmarks whose executed project code is the same on both sides.

    One traced, untimed run a side: the code objects that ran inside ``benchmark(…)`` and those that ran
    around it (imports, fixtures, tests) must have equal bytecode, constants and names. ``launch`` must start
    tracing workers. A side that fails proves nothing: then nothing is skipped, and timing will say why.
    """
    progress(f"tracing which code {len(candidates)} benchmarks run")
    node_ids = [candidate.node_id for candidate in candidates]
    try:
        traces = {side: _trace(launch(side, node_ids, _SEED, True), timeout_s) for side in SIDES}
    except WorkerLost:
        return {}
    baseline, head = (traces[side] for side in SIDES)
    if baseline.get("") != head.get(""):
        return {}
    return {
        candidate.node_id: Row(
            name=candidate.node_id,
            status=Verdict.PASS,
            reason="unaffected: runs the same code on both sides",
            thresholds=candidate.thresholds,
        )
        for candidate in candidates
        if candidate.node_id in head and head[candidate.node_id] == baseline.get(candidate.node_id)
    }


def _trace(worker: WorkerProcess, timeout_s: float) -> Mapping[str, list[str]]:
    """Digests by node id of what ran inside each benchmark, and under ``""`` of what ran around them."""
    inside: dict[str, list[str]] = {}
    with worker:
        collected = _checked(worker.receive(timeout_s * START_TIMEOUT_FACTOR, "collected", "broken"))
        order = collected.get("node_ids", [])
        worker.send("begin", node_ids=order)
        for node_id in order:
            message = _checked(worker.receive(timeout_s, "ready", "done"))
            if message["kind"] == "ready":
                inside[node_id] = message["inside"]
                worker.send("stop")
                _checked(worker.receive(timeout_s, "done"))
        finished = _checked(worker.receive(timeout_s, "finished"))
        return {**inside, "": finished.get("around", [])}


def _checked(message: dict[str, Any]) -> dict[str, Any]:
    if wrong_tree({"head": message}):
        raise WorkerLost("head", "imported from the other tree")
    return message
