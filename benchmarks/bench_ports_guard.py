"""What the guard over ports adds to a test that opens no socket: CPU time, with it and without, in turns.

    python benchmarks/bench_ports_guard.py [--tests 1000] [--rounds 7] [--listeners 0]

``--listeners`` has the session hold as many listening sockets of its own, and as many other descriptors.
CPU time is that of the process and its children, the kernel's share included.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

WITH, WITHOUT = "--maint-ports=error", "without"
CONFTEST = """
import socket

KEPT = [socket.create_server(("127.0.0.1", 0)) for _ in range({listeners})]
KEPT += [open("/dev/null") for _ in range({listeners})]

def pytest_unconfigure():
    for one in KEPT:
        one.close()
"""


def main() -> int:
    """Run the rounds and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tests", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--listeners", type=int, default=0)
    given = parser.parse_args()
    taken: dict[str, list[float]] = {WITHOUT: [], WITH: []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "conftest.py").write_text(CONFTEST.format(listeners=given.listeners), encoding="utf-8")
        for number in range(given.tests // 100):
            text = "".join(f"def test_{one}():\n    pass\n\n" for one in range(100))
            (folder / f"test_{number}.py").write_text(text, encoding="utf-8")
        for _ in range(given.rounds + 1):  # the first one fills caches
            for kind, times in taken.items():
                times.append(cpu_seconds(folder, kind))
    report({kind: times[1:] for kind, times in taken.items()}, given.tests)
    return 0


def report(taken: dict[str, list[float]], tests: int) -> None:
    """A line a kind, and the difference a test."""
    for kind, times in taken.items():
        print(f"{kind:<20} {statistics.median(times):6.2f} s ({min(times):.2f} to {max(times):.2f})")
    pairs = list(zip(taken[WITH], taken[WITHOUT], strict=True))
    added = [(one - other) / tests * 1000 for one, other in pairs]
    ratios = [one / other for one, other in pairs]
    print(f"{'added':<20} {statistics.median(added):6.2f} ms a test ({min(added):.2f} to {max(added):.2f})")
    print(f"{'ratio':<20} {statistics.median(ratios):6.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


def cpu_seconds(folder: Path, kind: str) -> float:
    """CPU time of one session."""
    options = () if kind == WITHOUT else (kind,)
    command = [sys.executable, "-m", "pytest", "-p", "pytest_maint.plugin", "-p", "no:cacheprovider", "-q"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*command, *options],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())
