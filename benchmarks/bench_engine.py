"""What the rules cost on top of parsing: CPU of ``ast.parse`` and of the engine over the same files, in turn.

``python benchmarks/bench_engine.py FOLDER [ROUNDS]``; one process, no cache, everything in memory.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from maint.lint.engine import check
from maint.lint.settings import Settings


def cpu_s(work: Callable[[bytes, Path], object], files: list[tuple[bytes, Path]]) -> float:
    """Process time of ``work`` over all files; what does not parse costs what it costs."""
    start = time.process_time()
    for content, path in files:
        with contextlib.suppress(SyntaxError, ValueError, RecursionError):
            work(content, path)
    return time.process_time() - start


def main(folder: Path, rounds: int) -> None:
    """Print both medians and the spread of the ratio of neighbouring passes."""
    warnings.simplefilter("ignore")
    gc.disable()
    settings = Settings()
    files = [(path.read_bytes(), path.relative_to(folder)) for path in sorted(folder.rglob("*.py"))]
    lines = sum(content.count(b"\n") for content, _ in files)
    pairs = [
        (
            cpu_s(lambda content, path: ast.parse(content), files),
            cpu_s(lambda content, path: check(content, path, settings), files),
        )
        for _ in range(rounds)
    ]
    parse, rules = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratios = sorted(b / a for a, b in pairs)
    print(f"{folder.name}: {len(files):,} files, {lines:,} lines")
    print(f"ast.parse          {parse:7.2f} CPU s (median of {rounds})")
    print(f"parse and rules    {rules:7.2f} CPU s")
    print(f"ratio              {statistics.median(ratios):7.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5)
