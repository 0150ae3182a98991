"""What measuring costs: our own tracing and pytest-cov's over bare pytest, on one suite, in CPU time.

    python benchmarks/bench_coverage.py PROJECT --python PROJECT/.venv/bin/python --source PACKAGE

The interpreter needs this project, pytest-cov and what the suite needs; ``coverage_agreement.py run`` makes
such an environment. Kinds run in turns; a ratio is the median over rounds of a kind's time over bare pytest's
in the same round, its spread the range. CPU time is that of the process and of its children.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

BARE, OWN, PYTEST_COV = "bare pytest", "--maint-cov", "pytest-cov"
OPTIONS = {
    BARE: ("-p", "no:maint", "-p", "no:pytest_cov"),
    OWN: ("-p", "no:pytest_cov", "--maint-cov"),
    PYTEST_COV: ("-p", "no:maint", "--cov"),
}
QUIET = ("-q", "-p", "no:cacheprovider", "-p", "no:benchmark", "-p", "no:randomly")


def main() -> int:
    """Run the rounds and print a line a kind."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("project", type=Path)
    parser.add_argument("--python", type=Path, default=Path(sys.executable))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--branch", action="store_true")
    parser.add_argument("--source", required=True, help="the packages to measure, with commas between")
    parser.add_argument("--tests", default="tests", help="the folder of the suite")
    given = parser.parse_args()
    settings = f"[run]\nbranch = {given.branch}\nsource_pkgs = {given.source}\n"
    (given.project / ".coveragerc").write_text(settings, encoding="utf-8")
    taken: dict[str, list[float]] = {kind: [] for kind in OPTIONS}
    for _ in range(given.rounds):
        for kind, times in taken.items():
            times.append(cpu_seconds(given.project, given.python.absolute(), [*OPTIONS[kind], given.tests]))
    print("\n".join(report(taken)))
    return 0


def report(taken: dict[str, list[float]]) -> list[str]:
    """One line a kind."""
    bare = taken[BARE]
    lines = [f"{BARE:<12} {statistics.median(bare):6.2f} s of CPU time ({min(bare):.2f} to {max(bare):.2f})"]
    for kind in (OWN, PYTEST_COV):
        ratios = [time / base for time, base in zip(taken[kind], bare, strict=True)]
        lines.append(
            f"{kind:<12} {statistics.median(ratios):6.2f} times bare ({min(ratios):.2f} to {max(ratios):.2f})"
        )
    own = [one / other for one, other in zip(taken[OWN], taken[PYTEST_COV], strict=True)]
    lines.append(f"own/peer     {statistics.median(own):6.2f} ({min(own):.2f} to {max(own):.2f})")
    return lines


def cpu_seconds(project: Path, python: Path, options: Sequence[str]) -> float:
    """CPU time of one session; SystemExit where the suite fails."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith("COV")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [python, "-m", "pytest", *QUIET, *options],
        cwd=project,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(options)}: exit {done.returncode}\n{done.stdout[-2000:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())
