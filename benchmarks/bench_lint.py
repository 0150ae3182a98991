"""What ``maint lint`` costs on a folder of sources, beside ``ast.parse`` alone, ruff, flake8 and pylint.

    python benchmarks/bench_lint.py FOLDER [--rounds 5] [--limit 300] [--peers ruff,flake8,pylint]

CPU time is user + system of the whole process tree, wall time that of the command. In each round a process
that reads and parses every file and does nothing else (``ast.parse``), two cold and one warm ``maint lint``
run in random order; ratios are to the parser of the same round, so that drift of the machine cancels. The
peers run once, each with its own rules for bare and broad excepts, without a cache, in one process, for at
most ``--limit`` seconds. ``maint lint`` uses as many processes as it likes: its CPU time counts all of them.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import resource
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
PEERS = {
    "ruff": ["ruff", "check", "--isolated", "--no-cache", "--quiet", "--select=E722,BLE001"],
    "flake8": ["flake8", "--isolated", "-j1", "--select=E722"],
    "pylint": ["pylint", "-j1", "--recursive=y", "--disable=all", "--enable=W0702,W0718", "--score=n"],
}


class Cost(NamedTuple):
    """Seconds of one command; ``code`` is its exit status, None where it was stopped."""

    cpu_s: float
    wall_s: float
    code: int | None


def cost(command: list[str], folder: Path, limit_s: float) -> Cost:
    """Run ``command`` to its end or its limit."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    try:
        code: int | None = subprocess.run(
            command,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=limit_s,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        code = None
    wall_s, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost((after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime), wall_s, code)


def measure(folder: Path, files: list[str], rounds: int, limit_s: float) -> dict[str, list[Cost]]:
    """Contestant -> its cost in each round."""
    with tempfile.TemporaryDirectory() as name:
        listing, program = Path(name) / "files", Path(name) / "parse.py"
        listing.write_text("\0".join(str(folder / path) for path in files), encoding="utf-8")
        program.write_text(PARSE, encoding="utf-8")
        (Path(name) / "pyproject.toml").touch()
        lint = [sys.executable, "-m", "maint", "lint", "--root", name, str(folder), "--select=E900,MNT"]
        commands = {
            "ast.parse": [sys.executable, str(program), str(listing)],
            "cold": [*lint, "--no-cache"],
            "cold -j1": [*lint, "--no-cache", "--jobs=1"],
            "warm": lint,
        }
        results: dict[str, list[Cost]] = {one: [] for one in commands}
        for number in range(rounds + 1):
            for one in random.sample(list(commands), len(commands)):
                found = cost(commands[one], folder, limit_s)
                if found.code not in (0, 1):
                    raise SystemExit(f"{' '.join(commands[one])}: exit status {found.code}")
                if number:  # the round before the first fills the caches
                    results[one].append(found)
    return results


def report(results: dict[str, list[Cost]]) -> None:
    """Medians, and the ratio to ast.parse with its range over the rounds."""
    for name, costs in results.items():
        cpu_s, wall_s = (
            statistics.median(values) for values in zip(*(one[:2] for one in costs), strict=True)
        )
        pairs = zip(costs, results["ast.parse"], strict=True)
        ratios = sorted(one.cpu_s / base.cpu_s for one, base in pairs)
        spread = f"{statistics.median(ratios):5.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        title = name if name == "ast.parse" else f"maint lint, {name}"
        print(f"{title:24} {cpu_s:9.2f} {wall_s:9.2f}   {spread}")


def peer(name: str, folder: Path, base_s: float, limit_s: float) -> str:
    """One line about one other tool."""
    if importlib.util.find_spec(name) is None:
        return f"{name:24} not installed"
    found = cost([sys.executable, "-m", *PEERS[name], str(folder)], folder, limit_s)
    if found.code is None:
        return f"{name:24} stopped after {limit_s:.0f} s"
    return f"{name:24} {found.cpu_s:9.2f} {found.wall_s:9.2f}   {found.cpu_s / base_s:5.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=float, default=300.0, help="seconds that a command may take")
    parser.add_argument("--peers", default=",".join(PEERS))
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    files = discover(folder, [folder]).files
    lines = sum((folder / path).read_bytes().count(b"\n") for path in files)
    print(f"{folder.name}: {len(files):,} files, {lines:,} lines; Python {sys.version.split()[0]}")
    print(f"{'':24} {'CPU s':>9} {'wall s':>9}   CPU time to that of ast.parse")
    results = measure(folder, files, arguments.rounds, arguments.limit)
    report(results)
    base_s = statistics.median(one.cpu_s for one in results["ast.parse"])
    for name in filter(None, arguments.peers.split(",")):
        print(peer(name, folder, base_s, arguments.limit))


if __name__ == "__main__":
    main()
