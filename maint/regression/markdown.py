"""The comparison in ``report.md``, fit for a pull-request comment."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from maint.regression.comparison import Comparison, Row, Verdict
from maint.regression.naming import short_names
from maint.regression.wording import (
    WORDS,
    alike,
    baseline_label,
    change,
    commits,
    headline,
    interval,
    noise,
    noise_pct,
    ranked,
    remarks,
)
from maint.report.gfm import code, collapsed, fenced, table, within
from maint.report.quantity import duration, elapsed, percent

# GitHub refuses a comment of more than 65,536 characters.
LIMIT = 65_000
_QUIET = (Verdict.PASS, Verdict.NEW, Verdict.REMOVED)
_TABLE_SHARE = 0.6


def section_md(comparison: Comparison, limit: int = LIMIT) -> str:
    """Return the gate's part in at most ``limit`` characters: worst first, then as much as fits.

    What does not fit is counted (``and 1,234 more``). ``limit`` must leave room for the headline, some 2,000.
    """
    rows = ranked(comparison)
    names = short_names(row.name for row in rows)
    folds = comparison.mode != "selftest"
    quiet = [row for row in rows if folds and row.status in _QUIET]
    loud = [row for row in rows if not (folds and row.status in _QUIET)]
    parts = [f"## Benchmarks: {headline(comparison)}", _against(comparison)]
    room = limit - sum(map(len, parts)) - 1000

    for chosen, folded in ((loud, False), (quiet, True)):
        if chosen:
            text = _rows(comparison, chosen, names, int(room * _TABLE_SHARE))
            parts.append(collapsed(f"{len(chosen)} without alarm", text) if folded else text)
            room -= len(parts[-1])
    parts.append(_details(comparison, rows, room))
    return "\n\n".join(part for part in parts if part) + "\n"


def _against(comparison: Comparison) -> str:
    (head, head_commit), (base, base_commit) = commits(comparison)
    limits = comparison.thresholds
    warning, critical = (percent(limit * 100) for limit in (limits.warning, limits.critical))
    return (
        f"{head} {code(head_commit)} against {code(base)} {code(base_commit)}, side by side "
        f"in {elapsed(comparison.elapsed_s)}; warning from {warning}, critical from {critical}."
    )


def _rows(comparison: Comparison, rows: Sequence[Row], names: dict[str, str], room: int) -> str:
    if comparison.mode == "selftest":
        titles: tuple[str, ...] = ("benchmark", "per call", "clock", "noise floor", "blocks")
        align, cells = "<><>>", _noise_cells
    else:
        titles = ("", "benchmark", code(baseline_label(comparison)), "head", "change", "95 % CI", "verdict")
        align, cells = "<<>>>><", _gate_cells
    return _fitting(rows, room, lambda kept: table(titles, align, (cells(row, names) for row in kept)))


def _gate_cells(row: Row, names: dict[str, str]) -> tuple[str, ...]:
    return (
        WORDS[row.status].glyph,
        code(names[row.name], 80),
        duration(row.baseline_s),
        duration(row.head_s),
        change(row),
        interval(row),
        str(row.status) if row.status in _QUIET else f"**{row.status}**",
    )


def _noise_cells(row: Row, names: dict[str, str]) -> tuple[str, ...]:
    floor = noise(noise_pct(row))
    return code(names[row.name], 80), duration(row.baseline_s), row.clock or "-", floor, str(row.blocks)


def _details(comparison: Comparison, rows: Sequence[Row], room: int) -> str:
    notes = [f"- {code(note, 300)}" for note in comparison.notes[:20]]
    said = [_detail(*alike_rows) for alike_rows in alike(rows)]
    kept = list(within(said, room - sum(map(len, notes)) - 200))
    if left := len(said) - len(kept):
        kept.append(f"- and {left:,} more")
    if not (notes or kept):
        return ""
    return collapsed("Reasons and notes", "\n".join((*notes, *kept)))


def _detail(row: Row, *others: Row) -> str:
    more = f" and {len(others):,} more" if others else ""
    lines = [f"- {code(row.name, 300)}{more}", *(f"  - {code(remark, 500)}" for remark in remarks(row)[:10])]
    if row.output.strip():
        block = fenced(row.output)
        lines += ["", *(f"  {line}".rstrip() for line in block.splitlines()), ""]
    return "\n".join(lines)


def _fitting(rows: Sequence[Row], room: int, render: Callable[[Sequence[Row]], str]) -> str:
    whole = render(rows)
    if len(whole) <= room:
        return whole
    head, rule, *lines = whole.splitlines()
    kept = list(within(lines, room - len(head) - len(rule) - 100))
    return "\n".join((head, rule, *kept)) + f"\n\nand {len(lines) - len(kept):,} more"
