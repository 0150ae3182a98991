"""What the plugin adds to a flake8 run: CPU with it and without it, interleaved, and the ratio.

``python benchmarks/bench_flake8.py FOLDER [ROUNDS]``; the folder holds the sources to check.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys

# flake8 finds its plugins through the metadata of what is installed: without ours, it is not there
PROGRAM = """
import importlib.metadata, sys
if sys.argv.pop(1) == "without":
    every = importlib.metadata.distributions
    importlib.metadata.distributions = lambda: (d for d in every() if d.metadata["Name"] != "pytest-maint")
from flake8.main.cli import main
sys.exit(main(["--isolated", "-j1", "--exit-zero", "--quiet", "--output-file=/dev/null", sys.argv[1]]))
"""


def cpu_s(kind: str, folder: str) -> float:
    """User and system seconds of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", PROGRAM, kind, folder], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main(folder: str, rounds: int) -> None:
    """Print both medians and the spread of the ratio of neighbouring runs."""
    pairs = [(cpu_s("without", folder), cpu_s("with", folder)) for _ in range(rounds)]
    without, with_it = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratios = sorted(b / a for a, b in pairs)
    print(f"flake8 without the plugin  {without:7.2f} CPU s (median of {rounds})")
    print(f"flake8 with the plugin     {with_it:7.2f} CPU s")
    print(
        f"ratio                      {statistics.median(ratios):7.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f})"
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5)
