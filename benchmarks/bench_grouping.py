"""What it takes to turn findings into a plan, beside reading the same findings from their file.

    python benchmarks/bench_grouping.py [--rounds 5]

Each size runs in a process of its own, whose peak memory is its own. A round decodes ``findings.json``
(msgspec, the peer), groups the findings, and plans against an empty forge and against one that holds the
result of the first plan (a rerun); the ratio is grouping to decoding of the same round. Half of the findings
are failed tests of many causes, the other half of 60 rules in 200 folders. Times are CPU seconds.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import msgspec

from maint.findings import Finding, Location, Severity
from maint.forge.protocol import Issue
from maint.issues.grouping import Limits, group
from maint.issues.item import items_of
from maint.issues.plan import plan
from maint.report.documents import FindingsDocument, Run, json_bytes

SIZES = (1_000, 10_000, 100_000)
TARGETS = {1_000: "under 0.1 s", 100_000: "under 5 s and 500 MB"}


def findings(number: int) -> list[Finding]:
    """Half of them failures, with messages that differ in numbers and quoted ids; shuffled."""
    chance = random.Random(number)
    made = [failure(n, chance) if n % 2 else lint(n, chance) for n in range(number)]
    chance.shuffle(made)
    return made


def failure(n: int, chance: random.Random) -> Finding:
    """One of 40 functions raised one of 5 exceptions."""
    message = (
        f"row {n} of 'table-{n}' is {chance.choice(['gone', 'late', 'wrong'])} at 0x{n:08x}\n" + "x" * 400
    )
    function = f"f{chance.randrange(40)}"
    return Finding(
        code="TST001",
        severity=Severity.HIGH,
        category="tests",
        title=f"test_{n}: failed",
        message=message,
        location=Location(
            path=f"tests/test_{n % 300}.py", line=n, node_id=f"tests/test_{n % 300}.py::test_{n}"
        ),
        remedy="mend it",
        evidence={
            "exception": f"builtins.E{chance.randrange(5)}",
            "message": message,
            "crash": {"path": "src/core.py", "line": n, "function": function},
        },
    )


def lint(n: int, chance: random.Random) -> Finding:
    """One of 60 rules in one of 200 folders."""
    return Finding(
        code=f"ruff:R{chance.randrange(60):03}",
        severity=chance.choice(list(Severity)),
        category="lint",
        title=f"name {n} is not defined",
        message="m",
        location=Location(path=f"src/p{chance.randrange(200)}/m{n}.py", line=n),
        remedy="define it",
    )


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of one call, and what it returned."""
    before = time.process_time()
    result = act()
    return time.process_time() - before, result


def measure(number: int, rounds: int) -> dict[str, Any]:
    """The times of every round, and the peak memory in MB."""
    runs = (
        Run(guardrail="tests", version="1", codes=("TST001",)),
        Run(guardrail="ruff", version="1", codes=()),
    )
    encoded = json_bytes(FindingsDocument(runs=runs, findings=tuple(findings(number))))
    times: dict[str, list[float]] = {"decode": [], "group": [], "plan": [], "rerun": []}
    limits = Limits()
    for _ in range(rounds):
        decode_s, document = timed(lambda: msgspec.json.decode(encoded, type=FindingsDocument))
        group_s, _ = timed(lambda document=document: group(items_of(document.findings), limits))
        plan_s, planned = timed(
            lambda document=document: plan([document], [], "2026-01-01", lambda *_: "", limits)
        )
        issues = [
            Issue(number=n, title=action.title, body=action.decision.change.body)
            for n, action in enumerate(planned.actions, 1)
        ]
        rerun_s, again = timed(
            lambda document=document, issues=issues: plan(
                [document], issues, "2026-01-02", lambda *_: "", limits
            )
        )
        assert again.changes == ()
        for name, value in zip(times, (decode_s, group_s, plan_s, rerun_s), strict=True):
            times[name].append(value)
    return {"times": times, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def main() -> None:
    """Print one line a size: median and range over the rounds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.size:
        print(json.dumps(measure(arguments.size, arguments.rounds)))
        return
    for size in SIZES:
        command = [sys.executable, __file__, "--size", str(size), "--rounds", str(arguments.rounds)]
        result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        times = result["times"]
        ratios = [one / other for one, other in zip(times["group"], times["decode"], strict=True)]
        shown = ", ".join(f"{name} {spread(values, 's')}" for name, values in times.items())
        print(f"{size:>7,} findings: {shown}")
        print(f"{'':>7}   group/decode {spread(ratios, 'x')}; peak {result['peak_mb']:.0f} MB")
        if size in TARGETS:
            print(f"{'':>7}   target for group: {TARGETS[size]}")


def spread(values: list[float], unit: str) -> str:
    """Median, and the range it was in."""
    return f"{statistics.median(values):.3g} {unit} ({min(values):.3g} to {max(values):.3g})"


if __name__ == "__main__":
    main()
