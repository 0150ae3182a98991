"""What the plugin adds to a flake8 run, in CPU time.

``python benchmarks/bench_flake8.py FOLDER [ROUNDS]``; the folder holds the sources to check. Two figures:

- runs with the plugin and without it in turn, and the ratio of neighbours: all that it adds, and all the
  noise of the machine;
- what passes inside of the plugin (its import, its options, its rules), against what passes outside of it in
  the same process: little noise, but without what flake8 does with the findings.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys

# flake8 finds its plugins through the metadata of what is installed: without ours, it is not there
PROGRAM = """
import functools, importlib.metadata, sys, time
kind = sys.argv.pop(1)
if kind == "without":
    every = importlib.metadata.distributions
    importlib.metadata.distributions = lambda: (d for d in every() if d.metadata["Name"] != "pytest-maint")
from flake8.main.cli import main
inside = 0.0
if kind == "inside":
    def timed(call, finish=lambda value: value):
        @functools.wraps(call)  # flake8 reads the signature
        def measured(*args, **kwargs):
            global inside
            began = time.process_time()
            try:
                return finish(call(*args, **kwargs))
            finally:
                inside += time.process_time() - began
        return measured
    began = time.process_time()
    from flake8_maint.plugin import Checker
    inside = time.process_time() - began
    Checker.__init__ = timed(Checker.__init__)
    Checker.add_options = staticmethod(timed(Checker.add_options))
    Checker.parse_options = staticmethod(timed(Checker.parse_options))
    Checker.run = timed(Checker.run, list)
main(["--isolated", "-j1", "--exit-zero", "--quiet", "--output-file=/dev/null", sys.argv[1]])
print(time.process_time(), inside)
"""


def run(kind: str, folder: str) -> tuple[float, float]:
    """User and system seconds of one run, and how many of them passed inside of the plugin."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", PROGRAM, kind, folder]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return took, float(done.stdout.split()[-1])


def told(name: str, ratios: list[float]) -> None:
    """One line: the median, the middle half and the range."""
    low, middle, high = statistics.quantiles(ratios, n=4)
    spread = f"middle half {low:.3f} to {high:.3f}, {min(ratios):.3f} to {max(ratios):.3f}"
    print(f"{name:27}{middle:7.3f} ({spread})")


def main(folder: str, rounds: int) -> None:
    """Print the medians and the spread of both figures."""
    pairs, shares = [], []
    for number in range(rounds):
        kinds = ("without", "with")[:: -1 if number % 2 else 1]
        took = {kind: run(kind, folder)[0] for kind in kinds}
        pairs.append((took["without"], took["with"]))
        shares.append(run("inside", folder))
    without, with_it = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"flake8 without the plugin  {without:7.2f} CPU s (median of {rounds})")
    print(f"flake8 with the plugin     {with_it:7.2f} CPU s")
    told("with / without", [b / a for a, b in pairs])
    told("1 + inside / outside", [1 + inside / (total - inside) for total, inside in shares])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5)
