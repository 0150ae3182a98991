"""What ``--maint-except record`` costs: a suite with it beside the same suite without, and a single catch.

    python benchmarks/bench_except_recorder.py ROOT [--rounds 8] [--out FILE] [-- PYTEST_ARGUMENTS]

Each round runs the suite at ROOT each way, in random order, in processes of their own; the ratio is taken
within a round, so that drift of the machine cancels. Cost is CPU time of the process and its children, user +
system. ``off`` twice a round gives the noise: its ratio should be 1. Then, in one process:
nanoseconds for a handler of a small function, instrumented and not, with and without an exception.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import timeit
from pathlib import Path

from pytest_maint.excepts import worker

MODES = {"off": (), "off-again": (), "record": ("--maint-except", "record")}

CODE = """
def quiet():
    try:
        return None
    except Exception:
        return None

def raising():
    try:
        raise KeyError
    except Exception:
        return None
"""


def cpu_s(root: Path, arguments: list[str], out: str) -> float:
    """CPU seconds of one session."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "pytest", "-q", "--maint-out", out, *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rounds(root: Path, arguments: list[str], count: int) -> list[dict[str, float]]:
    """CPU seconds by mode, a dict a round; the first round warms caches and is dropped."""
    measured = []
    with tempfile.TemporaryDirectory() as out:
        for number in range(count + 1):
            modes = random.sample(sorted(MODES), len(MODES))
            each = {mode: cpu_s(root, [*MODES[mode], *arguments], out) for mode in modes}
            if number:
                measured.append(each)
                print(json.dumps(each), flush=True)
    return measured


def shown(ratios: list[float]) -> str:
    """Median and range."""
    return f"{statistics.median(ratios):.3f} ({min(ratios):.3f} .. {max(ratios):.3f}, n={len(ratios)})"


def nanoseconds() -> dict[str, float]:
    """Of one call, the least of seven: plain and instrumented, quiet and raising."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.realpath(Path(folder, "code.py"))
        source = CODE.encode()
        from importlib.util import source_hash

        lines = [node.lineno for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ExceptHandler)]
        marks = {(line, 4): (number, False) for number, line in enumerate(lines, 1)}
        notes = Path(folder, "notes")
        notes.touch()
        address = worker.Address("", str(notes), "", str(sys.implementation.cache_tag))
        plan = worker.Plan(os.path.realpath(folder), {file: (source_hash(source), marks)})
        recorder = worker.install(plan, worker.Notes(address))
        found = {}
        for name, tree in (("plain", ast.parse(source)), ("recorded", recorder.tree(source, file))):
            space: dict[str, object] = {}
            exec(compile(tree, file, "exec"), space)
            for function in ("quiet", "raising"):
                times = timeit.repeat(space[function], number=20_000, repeat=7)
                found[f"{name} {function}"] = min(times) / 20_000 * 1e9
        worker.uninstall()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--out", type=Path)
    parser.add_argument("arguments", nargs="*")
    given = parser.parse_intermixed_args()
    measured = rounds(given.root, given.arguments, given.rounds)
    single = nanoseconds()
    off = [(each["off"] + each["off-again"]) / 2 for each in measured]
    print("off-again / off:", shown([each["off-again"] / each["off"] for each in measured]))
    print("record / off:   ", shown([each["record"] / one for each, one in zip(measured, off, strict=True)]))
    added = statistics.median(each["record"] - one for each, one in zip(measured, off, strict=True))
    print(f"record - off:    {added:.2f} s")
    for name, value in single.items():
        print(f"{name:>16}: {value:7.0f} ns")
    if given.out:
        rows = [{"suite": given.root.name, **each} for each in measured] + [{"ns": single}]
        given.out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
