"""The comparison as the terminal shows it: one row a benchmark, worst first, remarks and a closing line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from maint.regression.comparison import Comparison, Row, Verdict
from maint.regression.naming import short_names
from maint.regression.wording import (
    baseline_label,
    change,
    interval,
    noise,
    noise_pct,
    one_line,
    ranked,
    remarks,
    summary,
)
from maint.report.cells import display_width, pad, printable, shorten
from maint.report.quantity import NONE, duration

Line = tuple[str, Verdict | None]
_GAP = "  "
_NAME_AT_LEAST = 20
_NAMES_LISTED = 2


class Column(NamedTuple):
    """One column: its ``title``, how cells line up (``<`` or ``>``), and one cell a row."""

    title: str
    align: str
    cells: list[str]

    @property
    def width(self) -> int:
        """Terminal columns the widest cell or the title takes."""
        return max(map(display_width, (self.title, *self.cells)))


def table_lines(comparison: Comparison, width: int = 100) -> list[Line]:
    """Return the terminal report as (line, verdict of its row or None), without colour.

    Rows take at most ``width`` columns as long as 20 of them are left for the names: numbers are never cut.
    A remark that several benchmarks share is said once.
    """
    rows = ranked(comparison)
    names = {node_id: printable(name) for node_id, name in short_names(row.name for row in rows).items()}
    lines: list[Line] = []
    if rows:
        lines += _table(comparison, rows, names, width)
    lines += [(f"{_GAP}{text}", verdict) for text, verdict in _remarks(comparison, rows, names)]
    return [*lines, (summary(comparison), None)]


def _table(comparison: Comparison, rows: Sequence[Row], names: dict[str, str], width: int) -> list[Line]:
    columns = _noise_columns(rows) if comparison.mode == "selftest" else _gate_columns(comparison, rows)
    taken = sum(column.width + len(_GAP) for column in columns)
    room = max(_NAME_AT_LEAST, width - taken)
    short = [shorten(names[row.name], room) for row in rows]
    # A name that could be another row's is no name: then the table is wider than was asked for.
    first = Column("benchmark", "<", short if len({*short}) == len(short) else [names[r.name] for r in rows])
    body = _laid_out((first, *columns))
    return [(body[0], None), *((line, row.status) for line, row in zip(body[1:], rows, strict=True))]


def _laid_out(columns: Sequence[Column]) -> list[str]:
    aligned = [[pad(cell, c.width, c.align) for cell in (c.title, *c.cells)] for c in columns]
    return [_GAP.join(line).rstrip() for line in zip(*aligned, strict=True)]


def _gate_columns(comparison: Comparison, rows: Sequence[Row]) -> list[Column]:
    return [
        Column(baseline_label(comparison), ">", [duration(row.baseline_s) for row in rows]),
        Column("head", ">", [duration(row.head_s) for row in rows]),
        Column("change (95 % CI)", "<", _changes(rows)),
        Column("verdict", "<", [str(row.status) for row in rows]),
    ]


def _noise_columns(rows: Sequence[Row]) -> list[Column]:
    return [
        Column("per call", ">", [duration(row.baseline_s) for row in rows]),
        Column("clock", "<", [row.clock or NONE for row in rows]),
        Column("noise floor", ">", [noise(noise_pct(row)) for row in rows]),
        Column("blocks", ">", [str(row.blocks) for row in rows]),
    ]


def _changes(rows: Sequence[Row]) -> list[str]:
    changes = [change(row) for row in rows]
    width = max(map(len, changes))
    return [
        f"{text:>{width}}" + (f" ({interval(row)})" if row.ci_pct else "")
        for text, row in zip(changes, rows, strict=True)
    ]


def _remarks(comparison: Comparison, rows: Sequence[Row], names: dict[str, str]) -> Iterable[Line]:
    sayers: dict[Line, list[str]] = {}
    for row in rows:
        for remark in remarks(row):
            sayers.setdefault((remark, row.status), []).append(shorten(names[row.name], 60))
    for (remark, verdict), who in sayers.items():
        yield f"{_listed(who)}: {remark}", verdict
    yield from ((one_line(note), None) for note in comparison.notes)


def _listed(names: Sequence[str]) -> str:
    if len(names) <= _NAMES_LISTED + 1:
        return ", ".join(names)
    return f"{', '.join(names[:_NAMES_LISTED])} and {len(names) - _NAMES_LISTED} more"
