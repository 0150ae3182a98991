"""How a comparison speaks, in every reporter: verdict words, the headline, the sentence of one row."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from maint.regression.comparison import Comparison, Row, Verdict
from maint.report.cells import printable, shorten
from maint.report.quantity import NONE, duration, elapsed, percent, signed

RANK = {verdict: rank for rank, verdict in enumerate(Verdict)}
LABEL_WIDTH = 12


class Word(NamedTuple):
    """A verdict in running text: ``singular`` and ``plural`` after a count, ``glyph`` for its colour."""

    glyph: str
    singular: str
    plural: str


WORDS = {
    Verdict.CRITICAL: Word("✗", "critical", "critical"),
    Verdict.HEAD_ERROR: Word("!", "head error", "head errors"),
    Verdict.INVALID: Word("⊘", "invalid", "invalid"),
    Verdict.WARNING: Word("▲", "warning", "warnings"),
    Verdict.INCONCLUSIVE: Word("?", "inconclusive", "inconclusive"),
    Verdict.BASE_ERROR: Word("!", "base error", "base errors"),
    Verdict.IMPROVED: Word("▼", "improved", "improved"),
    Verdict.PASS: Word("✓", "passed", "passed"),
    Verdict.NEW: Word("⊕", "new", "new"),
    Verdict.REMOVED: Word("⊖", "removed", "removed"),
}


def ranked(comparison: Comparison) -> list[Row]:
    """Return the rows worst verdict first, in file order within a verdict; in a self-test noisiest first."""
    if comparison.mode == "selftest":
        return sorted(comparison.benchmarks, key=lambda row: -(noise_pct(row) or 0.0))
    return sorted(comparison.benchmarks, key=lambda row: RANK[row.status])


def counts(comparison: Comparison) -> str:
    """Return ``1 critical, 2 warnings, 10 passed``, worst first."""
    tally = Counter(row.status for row in comparison.benchmarks)
    said = [f"{tally[verdict]} {_plural(verdict, tally[verdict])}" for verdict in Verdict if tally[verdict]]
    return ", ".join(said) or "no benchmarks compared"


def headline(comparison: Comparison) -> str:
    """Return what the run found in one phrase: the verdict counts, or the noise floor of a self-test."""
    if comparison.mode != "selftest":
        return counts(comparison)
    floors = [floor for row in comparison.benchmarks if (floor := noise_pct(row)) is not None]
    if not floors:
        return "noise floor: nothing measured"
    usual, worst = noise(median(floors)), noise(max(floors))
    return f"noise floor of {len(floors)} benchmarks: median {usual}, worst {worst}"


def summary(comparison: Comparison) -> str:
    """Return the closing line: ``1 critical, 1 warning, 10 passed in 24 s``."""
    return f"{headline(comparison)} in {elapsed(comparison.elapsed_s)}"


def baseline_label(comparison: Comparison, width: int = LABEL_WIDTH) -> str:
    """Return the baseline's name as the user wrote it, safe for one line and cut to ``width``."""
    ref = printable(comparison.baseline.ref)
    # A column named as the other side's would be read as the other side's.
    return shorten("baseline" if ref.lower() in ("", "head") else ref, width)


def allowed(row: Row) -> str:
    """Return the threshold that a finding on this row quotes: the one it crossed, else the first one."""
    thresholds = row.thresholds
    crossed = thresholds.critical if row.status is Verdict.CRITICAL else thresholds.warning
    return percent(crossed * 100, 0 if math.isclose(crossed * 100, round(crossed * 100)) else 1)


def change(row: Row, decimals: int | None = None) -> str:
    """Return the change: in whole percent, with one decimal where rounding would hide a threshold."""
    return percent(row.change_pct, _decimals(row) if decimals is None else decimals)


def interval(row: Row, joint: str = " .. ", decimals: int | None = None) -> str:
    """Return the 95 % interval of the change without its unit: ``+28 .. +34``; empty when there is none."""
    if row.ci_pct is None:
        return ""
    shown = _decimals(row) if decimals is None else decimals
    return joint.join(signed(end, shown) for end in row.ci_pct)


def noise_pct(row: Row) -> float | None:
    """Return half the width of the row's interval in percent: what cannot be told from no change here."""
    return (row.ci_pct[1] - row.ci_pct[0]) / 2 if row.ci_pct else None


def noise(value: float | None) -> str:
    """Return a noise floor: ``±1.4 %``."""
    return NONE if value is None else f"±{value:.1f} %"


def measured(row: Row) -> bool:
    """Tell whether the row has a change to show."""
    return row.change_pct is not None


def numbers(row: Row, label: str) -> str:
    """Return times and change: ``14.2 ms, main 11.9 ms (+19 %, 95 % CI +16..+22, allowed +10 %)``."""
    within = f", 95 % CI {interval(row, '..')}" if row.ci_pct else ""
    comparison = f"{change(row)}{within}, allowed {allowed(row)}"
    return f"{duration(row.head_s)}, {label} {duration(row.baseline_s)} ({comparison})"


def one_line(text: str) -> str:
    """Return free text (a reason, an exception) as one printable line."""
    return printable(" ".join(text.split()))


def remarks(row: Row) -> list[str]:
    """Return what there is to say of a row beside its numbers: the reason first, then its notes."""
    return [one_line(text) for text in (row.reason, *row.notes) if text.strip()]


def alike(rows: Iterable[Row]) -> list[list[Row]]:
    """Group the rows that have something to say by what they say, in the order of each group's first row."""
    groups: dict[tuple[Verdict, tuple[str, ...]], list[Row]] = {}
    for row in rows:
        if any(said := (*remarks(row), row.output.strip())):
            groups.setdefault((row.status, said), []).append(row)
    return list(groups.values())


def commits(comparison: Comparison) -> Sequence[tuple[str, str]]:
    """Return (name, shortened commit with ``+ changes`` when dirty) of head and baseline."""
    named = (("head", comparison.head), (baseline_label(comparison, 60), comparison.baseline))
    return [(name, f"{side.commit[:12]}{' + changes' * side.dirty}") for name, side in named]


def _plural(verdict: Verdict, count: int) -> str:
    return WORDS[verdict].singular if count == 1 else WORDS[verdict].plural


def _decimals(row: Row) -> int:
    limits = (row.thresholds.warning * 100, row.thresholds.critical * 100)
    return int(any(0.0 < abs((row.change_pct or 0.0) - limit) < 0.5 for limit in limits))
