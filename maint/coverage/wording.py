"""How the ratchet says things: line ranges, counts, percentages, tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from maint.coverage.counts import Counts
from maint.coverage.measured import FileMeasure
from maint.report.cells import printable, shorten

_RANGES = 8
_TESTS = 3


def percent(value: Decimal) -> str:
    """A threshold as it was written, without trailing zeros: ``89.5 %``."""
    text = f"{value:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


def name(path: str) -> str:
    """A path that can do no harm to the line it is in."""
    return shorten(printable(path), 120)


def more(number: int, counts: Counts) -> str:
    """``1 more statement``, ``38 more statements or branches``."""
    unit = "statement" if number == 1 else "statements"
    branches = (" or branch" if number == 1 else " or branches") if counts.branches else ""
    return f"{number:,} more {unit}{branches}"


def ranges(lines: Iterable[int], statements: Iterable[int]) -> list[str]:
    """``88-90``, ``131``: runs of ``lines`` with no other of ``statements`` between them."""
    wanted = sorted(set(lines))
    others = set(statements).difference(wanted)
    runs: list[list[int]] = []
    ordered = sorted({*wanted, *others})
    previous = None
    for line in ordered:
        if line in others:
            previous = None
            continue
        if previous is None:
            runs.append([line, line])
        runs[-1][1] = previous = line
    return [str(first) if first == last else f"{first}-{last}" for first, last in runs]


def uncovered(file: FileMeasure) -> list[str]:
    """What of ``file`` is not covered: ranges of lines, then branches (``45->48``, ``50->exit``).

    As in coverage's own report, a branch from or to an uncovered line is not named beside that line.
    """
    missing = set(file.missing)
    arcs = [
        f"{line}->{target if target > 0 else 'exit'}"
        for line, target in file.arcs
        if line not in missing and target not in missing
    ]
    return ranges(missing, {*file.executed, *missing}) + arcs


def listed(items: Sequence[str], limit: int = _RANGES) -> str:
    """``items`` in one phrase, the first ``limit`` of them."""
    left = len(items) - limit
    return ", ".join(items[:limit]) + (f" and {left:,} more" if left > 0 else "")


def tests_nearby(file: FileMeasure) -> list[str]:
    """Up to three tests that run the covered lines nearest to an uncovered one, nearest first."""
    gaps = sorted({*file.missing, *(line for line, _ in file.arcs)})
    if not gaps:
        return []
    near = sorted(file.contexts, key=lambda line: (min(abs(line - gap) for gap in gaps), line))
    found: dict[str, None] = {}
    for line in near:
        # pytest-cov writes the phase after a bar: test_io.py::test_read|run
        found |= dict.fromkeys(context.rpartition("|")[0] or context for context in file.contexts[line])
        if len(found) >= _TESTS:
            break
    return [shorten(printable(test), 100) for test in list(found)[:_TESTS]]
