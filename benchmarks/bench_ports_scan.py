"""What ``maint ports scan`` costs on a folder of sources, cold and warm, beside ``ast.parse`` of every file.

    python benchmarks/bench_ports_scan.py FOLDER [--rounds 5] [--files 2000]

Wall and CPU time (user + system) are those of the whole command, start of the interpreter included. In each
round a process that reads and parses every Python file and does nothing else, a cold scan and a warm scan run
in random order; ratios are to the parser of the same round, so that drift of the machine cancels. Only the
first ``--files`` Python files, in the order of their paths, are copied and looked at.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from maint.lint.discovery import discover

PARSE = """
import ast, sys, warnings
warnings.simplefilter("ignore")
for path in open(sys.argv[1], encoding="utf-8").read().split("\\0"):
    with open(path, "rb") as file:
        content = file.read()
    try:
        ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
"""


class Cost(NamedTuple):
    """Seconds of one command."""

    cpu_s: float
    wall_s: float


def cost(command: list[str]) -> Cost:
    """Run ``command`` to its end."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    wall_s, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: exit status {done.returncode}: {done.stderr}")
    return Cost((after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime), wall_s)


def copied(folder: Path, target: Path, most: int) -> list[Path]:
    """The first ``most`` Python files of a folder, and what lies beside them, in ``target``."""
    found = discover(folder, [folder])
    chosen = found.files[:most]
    last = chosen[-1]
    for name in [*chosen, *(other for other in found.others if other <= last)]:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / name, target / name)
    return [target / name for name in chosen]


def measure(project: Path, files: list[Path], rounds: int) -> dict[str, list[Cost]]:
    """Contestant -> its cost in each round."""
    (project / "pyproject.toml").touch()
    with tempfile.TemporaryDirectory() as name:
        listing, program = Path(name) / "files", Path(name) / "parse.py"
        listing.write_text("\0".join(map(str, files)), encoding="utf-8")
        program.write_text(PARSE, encoding="utf-8")
        scan = [sys.executable, "-m", "maint", "ports", "scan", "--root", str(project)]
        commands = {
            "ast.parse": [sys.executable, str(program), str(listing)],
            "cold": [*scan, "--no-cache"],
            "warm": scan,
        }
        results: dict[str, list[Cost]] = {one: [] for one in commands}
        for number in range(rounds + 1):
            for one in random.sample(list(commands), len(commands)):
                found = cost(commands[one])
                if number:  # the round before the first fills the caches
                    results[one].append(found)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--files", type=int, default=2000, help="Python files to look at (default: 2000)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        project = Path(name).resolve() / "project"
        files = copied(arguments.folder.resolve(), project, arguments.files)
        lines = sum(path.read_bytes().count(b"\n") for path in files)
        title = f"{arguments.folder.resolve().name}: {len(files):,} files, {lines:,} lines"
        print(f"{title}; Python {sys.version.split()[0]}")
        print(f"{'':20} {'wall s':>8} {'range':>14} {'CPU s':>8}   CPU time to that of ast.parse")
        results = measure(project, files, arguments.rounds)
    for one, costs in results.items():
        walls = sorted(each.wall_s for each in costs)
        ratios = sorted(a.cpu_s / b.cpu_s for a, b in zip(costs, results["ast.parse"], strict=True))
        cpu_s = statistics.median(each.cpu_s for each in costs)
        print(
            f"{one if one == 'ast.parse' else f'ports scan, {one}':20} {statistics.median(walls):8.2f} "
            f"{walls[0]:6.2f} to {walls[-1]:4.2f} {cpu_s:8.2f}   "
            f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        )


if __name__ == "__main__":
    main()
