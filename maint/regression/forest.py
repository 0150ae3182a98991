"""The forest plot: each benchmark's change with its interval on a shared logarithmic axis, as inline SVG.

Marks are placed in percent of the strip's width, so a strip stretches with the page while lines, marks and
text keep their size, and the axis lines of stacked strips meet.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from maint.regression.comparison import BlockPoint, Row, Thresholds
from maint.regression.wording import change, interval, measured
from maint.report.page import element, typeset
from maint.report.quantity import percent

# An outlier must not squeeze all others: what lies beyond is drawn as an arrow at the edge.
_REACH = (math.log(0.5), math.log(2.0))
_LEAST = (math.log(0.85), math.log(1.4))
_TICKS = (-50, -40, -30, -20, -10, 10, 25, 50, 75, 100)
_TICK_GAP = 8.0
_EDGE = 1.5
_MIDDLE, _LANE = 13, 27
HEIGHT = 36
_DIAMOND = '<path class="estimate" d="M-5.5 0 0-5.5 5.5 0 0 5.5z"/>'


class Scale(NamedTuple):
    """Log ratios from ``low`` to ``high`` over the width of a strip."""

    low: float
    high: float

    def at(self, log_ratio: float) -> float:
        """Return the place of ``log_ratio`` in percent of the width, held inside the edges."""
        place = _EDGE + (100 - 2 * _EDGE) * (log_ratio - self.low) / (self.high - self.low)
        return min(100 - _EDGE, max(_EDGE, place))

    def beyond(self, log_ratio: float) -> bool:
        """Tell whether ``log_ratio`` is off the scale."""
        return not self.low <= log_ratio <= self.high


def scale_for(rows: Iterable[Row]) -> Scale:
    """Return the scale that shows the changes, intervals and blocks of ``rows``, between -50 % and +100 %."""
    shown: list[float] = []
    for row in filter(measured, rows):
        shown += map(log_of, (row.change_pct, *(row.ci_pct or ())))
        shown += (point.log_ratio for point in row.points)
    return Scale(max(_REACH[0], min((_LEAST[0], *shown))), min(_REACH[1], max((_LEAST[1], *shown))))


def log_of(change_pct: float | None) -> float:
    """Return ln(head / baseline) of a change in percent; -100 % and less are as far left as anything goes."""
    return math.log(max(1e-9, 1 + (change_pct or 0.0) / 100))


def axis(scale: Scale, thresholds: Thresholds) -> str:
    """Return the labelled axis; the labels of no change and of both thresholds come before the others."""
    marked = (0.0, thresholds.warning * 100, thresholds.critical * 100)
    placed: list[tuple[float, float]] = []
    for tick in (*marked, *map(float, _TICKS)):
        place = scale.at(log_of(tick))
        if not scale.beyond(log_of(tick)) and all(abs(place - other) >= _TICK_GAP for other, _ in placed):
            placed.append((place, tick))
    labels = "".join(_label(place, tick, tick in marked) for place, tick in sorted(placed))
    return element("svg", labels, class_="axis", height=22, aria_hidden="true")


def strip(row: Row, scale: Scale) -> str:
    """Return the strip of one measured row: zones, threshold lines, interval, estimate and its blocks."""
    marks = (
        *_zones(row.thresholds, scale),
        *(_block(point, scale) for point in row.points),
        *_interval(row, scale),
        _estimate(row, scale),
    )
    within = f", 95 % interval {interval(row, ' to ', 1)}" if row.ci_pct else ""
    described = f"{change(row, 1)}{within}, {row.status}"
    return element(
        "svg",
        "".join(marks),
        class_=f"strip {css_class(row)}",
        height=HEIGHT,
        role="img",
        aria_label=described,
    )


def legend() -> str:
    """Return the key to the marks, each drawn as in the plot."""
    keys: Sequence[tuple[str, str]] = (
        (_nested("50%", _DIAMOND, 11), "estimate"),
        ('<line class="ci" x1="2" x2="24" y1="11" y2="11"/>', "95 % interval"),
        ('<circle class="screen" cx="13" cy="11" r="3"/>', "screening block"),
        ('<circle class="confirm" cx="13" cy="11" r="3"/>', "confirming block"),
        ('<line class="limit warning" x1="13" x2="13" y1="1" y2="21"/>', "warning threshold"),
        ('<line class="limit critical" x1="13" x2="13" y1="1" y2="21"/>', "critical threshold"),
    )
    svg = '<svg width="26" height="22" aria-hidden="true">'
    drawn = (f"<li>{svg}{mark}</svg>{text}</li>" for mark, text in keys)
    return f'<ul class="legend">{"".join(drawn)}</ul>'


def css_class(row: Row) -> str:
    """Return the class that colours what belongs to the row's verdict: ``v-critical``, ``v-head-error``."""
    return f"v-{row.status.lower().replace('_', '-')}"


def _zones(thresholds: Thresholds, scale: Scale) -> Iterable[str]:
    warning, critical = (scale.at(math.log1p(limit)) for limit in (thresholds.warning, thresholds.critical))
    for kind, left, right in (("warning", warning, critical), ("critical", critical, 100.0)):
        if right > left:
            box = f'x="{left:.2f}%" width="{right - left:.2f}%" y="0" height="100%"'
            yield f'<rect class="zone {kind}" {box}/>'
    for place, kind in ((scale.at(0.0), "zero"), (warning, "limit warning"), (critical, "limit critical")):
        yield _line(kind, place, place, "0", "100%")


def _block(point: BlockPoint, scale: Scale) -> str:
    if scale.beyond(point.log_ratio):
        return ""
    kind = "confirm" if point.stage == "confirm" else "screen"
    return f'<circle class="{kind}" cx="{scale.at(point.log_ratio):.2f}%" cy="{_LANE}" r="2.6"/>'


def _interval(row: Row, scale: Scale) -> Iterable[str]:
    low, high = map(log_of, row.ci_pct or (row.change_pct, row.change_pct))
    left, right = scale.at(low), scale.at(high)
    yield _line("ci", left, right, f"{_MIDDLE}", f"{_MIDDLE}")
    if low < scale.low:
        yield _nested(f"{left:.2f}%", '<path class="arrow" d="M-5 0 3-5v10z"/>')
    if high > scale.high:
        yield _nested(f"{right:.2f}%", '<path class="arrow" d="M5 0-3-5v10z"/>')
    for end in (low, high):
        if not scale.beyond(end):
            yield _line("ci", scale.at(end), scale.at(end), f"{_MIDDLE - 4}", f"{_MIDDLE + 4}")


def _estimate(row: Row, scale: Scale) -> str:
    place = log_of(row.change_pct)
    return "" if scale.beyond(place) else _nested(f"{scale.at(place):.2f}%", _DIAMOND)


def _line(kind: str, x1: float, x2: float, y1: str, y2: str) -> str:
    return f'<line class="{kind}" x1="{x1:.2f}%" x2="{x2:.2f}%" y1="{y1}" y2="{y2}"/>'


def _nested(x: str, mark: str, y: int = _MIDDLE) -> str:
    return f'<svg x="{x}" y="{y}" width="1" height="1" overflow="visible">{mark}</svg>'


def _label(place: float, tick: float, marked: bool) -> str:
    text = "0" if tick == 0 else percent(tick, 0 if tick == round(tick) else 1)
    kind = ' class="marked"' if marked else ""
    return f'<text{kind} x="{place:.2f}%" y="15" text-anchor="middle">{typeset(text)}</text>'
