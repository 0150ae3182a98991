"""``maint coverage bench``: what each way of tracing costs on this project's own suite, in CPU time."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from maint.cli.coverage.project import project
from maint.cli.main import CLEAN
from maint.coverage.measured import settings
from maint.errors import MaintError
from maint.report.cells import printable, shorten

if TYPE_CHECKING:
    import argparse

_BARE = "bare"


def bench(arguments: argparse.Namespace) -> int:
    """Run the suite bare and under each core in turns, and print ratios of CPU time."""
    if os.name != "posix":
        raise MaintError("maint coverage bench: needs Linux or macOS, whose CPU times it reads; run it there")
    if arguments.rounds < 1:
        raise MaintError(f"--rounds {arguments.rounds}: must be at least 1")
    root = project(arguments).root
    branch = bool(settings(root).get_option("run:branch"))
    kinds = (_BARE, *_cores(branch))
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    with tempfile.TemporaryDirectory(prefix="maint-coverage-") as folder:
        # In turns: whatever slows the machine for a while slows each kind.
        for _ in range(arguments.rounds):
            for kind in kinds:
                taken[kind].append(_cpu_seconds(kind, root, Path(folder), arguments.arguments))
    for line in report(taken, branch=branch):
        print(line)
    return CLEAN


def report(taken: dict[str, list[float]], *, branch: bool) -> list[str]:
    """One line a kind; the ratio is between the fastest runs, its spread between runs of one round."""
    bare = taken[_BARE]
    lines = [f"{_BARE:<8}{min(bare):.2f} s of CPU time, the fastest of {len(bare)}"]
    ratios = {kind: min(times) / min(bare) for kind, times in taken.items() if kind != _BARE}
    for kind, ratio in ratios.items():
        rounds = [time / base for time, base in zip(taken[kind], bare, strict=True)]
        lines.append(f"{kind:<8}{ratio:.2f} times bare ({min(rounds):.2f} to {max(rounds):.2f})")
    mode = "branches" if branch else "lines"
    return [*lines, f"fastest for {mode} here: {min(ratios, key=lambda kind: ratios[kind])}"]


def _cores(branch: bool) -> tuple[str, ...]:
    """The cores that measure completely here: ``sys.monitoring`` sees branches from Python 3.14 on."""
    complete = sys.version_info >= (3, 14) if branch else sys.version_info >= (3, 12)
    return ("ctrace", "sysmon") if complete else ("ctrace",)


def _cpu_seconds(kind: str, root: Path, folder: Path, arguments: Sequence[str]) -> float:
    import resource

    environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    argv = [sys.executable, "-m"]
    if kind != _BARE:
        environ |= {"COVERAGE_CORE": kind, "COVERAGE_FILE": str(folder / kind)}
        argv += ["coverage", "run", "-m"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*argv, "pytest", "-q", *arguments],
        cwd=root,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        said = shorten(printable((done.stdout + done.stderr).strip().rpartition("\n")[2]), 120)
        how = "without any tracing" if kind == _BARE else f"under {kind}"
        raise MaintError(f"pytest: the suite fails {how} ({said}); bench a suite that passes")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
