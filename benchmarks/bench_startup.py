"""What an unused plugin costs every pytest run: CPU time and modules, beside its installed peers.

    python benchmarks/bench_startup.py [--rounds 15]

Each contestant is a whole pytest session of one empty test in a process of its own, with every other plugin
blocked (``-p no:NAME``); ``none`` blocks all of them. A round runs every contestant once, in random order;
costs are differences to ``none`` of the same round, so that drift of the machine cancels. CPU time is user +
system of the child process, bytecode is cached.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import entry_points
from pathlib import Path

PEERS = ("pytest-maint", "pytest-cov", "pytest-xdist", "pytest-benchmark", "hypothesis", "pytest-asyncio")
NONE = "none"

SESSION = """
import json, sys
import pytest

code = pytest.main(sys.argv[2:])
with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump({"code": int(code), "modules": len(sys.modules)}, file)
"""


def plugins() -> dict[str, list[str]]:
    """Distribution -> names of its pytest plugins, for everything installed."""
    found: dict[str, list[str]] = {}
    for entry in entry_points(group="pytest11"):
        found.setdefault(entry.dist.name if entry.dist else entry.name, []).append(entry.name)
    return found


def session(folder: Path, blocked: list[str]) -> tuple[float, int]:
    """CPU seconds and modules of one session."""
    out = folder / "session.json"
    options = [word for name in blocked for word in ("-p", f"no:{name}")]
    command = [sys.executable, "-c", SESSION, str(out), "-q", "-p", "no:cacheprovider", *options]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = json.loads(out.read_text(encoding="utf-8"))
    if result["code"] != 0:
        raise SystemExit(f"the empty session exits with {result['code']} when {blocked} are blocked")
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime), result["modules"]


def measure(rounds: int, seed: int) -> dict[str, list[tuple[float, int]]]:
    """Contestant -> CPU seconds and modules by round; one more round before the first fills the caches."""
    installed = plugins()
    contestants = [NONE, *(peer for peer in PEERS if peer in installed)]
    chance = random.Random(seed)
    results: dict[str, list[tuple[float, int]]] = {name: [] for name in contestants}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_one.py").write_text("def test_one():\n    pass\n", encoding="utf-8")
        for number in range(rounds + 1):
            for one in chance.sample(contestants, len(contestants)):
                blocked = [plugin for owner, names in installed.items() if owner != one for plugin in names]
                taken = session(folder, blocked)
                if number:
                    results[one].append(taken)
    return results


def lines(results: dict[str, list[tuple[float, int]]]) -> list[str]:
    """The table: medians over rounds, with quartiles of the cost."""
    bare = results[NONE]
    text = [f"{'plugin':<18}{'modules':>9}{'CPU ms':>9}   cost ms (quartiles)      ratio (quartiles)"]
    for name, taken in results.items():
        cost = [(mine - none) * 1000 for (mine, _), (none, _) in zip(taken, bare, strict=True)]
        ratio = [mine / none for (mine, _), (none, _) in zip(taken, bare, strict=True)]
        total = statistics.median(cpu for cpu, _ in taken) * 1000
        row = f"{name:<18}{taken[0][1] - bare[0][1]:>+9}{total:>9.0f}"
        if name != NONE:
            row += f"   {spread(cost, '+.1f'):<25}{spread(ratio, '.3f')}"
        text.append(row)
    return text


def spread(values: list[float], style: str) -> str:
    """Median and quartiles."""
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:{style}} ({low:{style}} .. {high:{style}})"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="start-up cost of unused pytest plugins")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print("\n".join(lines(measure(arguments.rounds, arguments.seed))))


if __name__ == "__main__":
    main()
