"""The coverage part of ``report.html``: a bar for each file, its baseline marked, and the trend."""

from __future__ import annotations

from collections.abc import Sequence

from maint.coverage.counts import Ratio
from maint.coverage.history import Point
from maint.coverage.judgement import FileVerdict, Judgement, Status
from maint.coverage.markdown import missed
from maint.coverage.wording import listed, name, tests_nearby, uncovered
from maint.report.page import element, escaped, typeset
from maint.report.quantity import NONE

_SHOWN = 1000
_BAR = (160, 12)
_TREND = (640, 120)
# The classes of the benchmark verdicts: one palette for all guardrails.
_CLASSES = {
    Status.FELL: "v-critical",
    Status.UNMEASURED: "v-critical",
    Status.TOO_LOW: "v-critical",
    Status.EXCEPTED: "v-warning",
    Status.NEW: "v-new",
    Status.ROSE: "v-improved",
    Status.HELD: "v-pass",
    Status.GONE: "v-removed",
}


def coverage_html(judgement: Judgement, points: Sequence[Point]) -> str:
    """The section: headline, findings and notes, trend, and every file, what failed first."""
    headline = f"{judgement.headline[0].upper()}{judgement.headline[1:]}"
    said = [finding.message for finding in judgement.findings] + list(judgement.notes)
    items = "".join(f"<li>{escaped(text)}</li>" for text in said)
    parts = (
        f'<h2 class="part">{escaped(headline)}</h2>',
        f"<ul>{items}</ul>" if items else "",
        _trend(points),
        _files(judgement.files),
    )
    return f'<section class="coverage">{"".join(parts)}</section>'


def _files(files: Sequence[FileVerdict]) -> str:
    if not files:
        return ""
    titles = "".join(f'<th scope="col">{title}</th>' for title in ("file", "baseline to now"))
    titles += "".join(f'<th scope="col" class="n">{title}</th>' for title in ("baseline", "now", "missed"))
    titles += '<th scope="col">verdict</th>'
    left = len(files) - _SHOWN
    more = f"<p>{left:,} more are not shown.</p>" if left > 0 else ""
    rows = "".join(map(_row, files[:_SHOWN]))
    return (
        '<div class="scroll" role="region" aria-label="coverage by file, scrolls sideways" tabindex="0">'
        f"<table><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table></div>{more}"
    )


def _row(file: FileVerdict) -> str:
    was = file.row.floor if file.row else None
    now = file.now.counts.ratio if file.now else None
    numbers = (was.percent if was else NONE, now.percent if now else NONE, missed(file) or NONE)
    cells = "".join(f'<td class="n">{typeset(cell)}</td>' for cell in numbers)
    verdict = element("span", escaped(file.status), class_=f"verdict {_CLASSES[file.status]}")
    return (
        f'<tr><th scope="row">{escaped(name(file.path))}{_gaps(file)}</th>'
        f"<td>{_bar(was, now, _CLASSES[file.status])}</td>{cells}<td>{verdict}</td></tr>"
    )


def _gaps(file: FileVerdict) -> str:
    """What is not covered, and the tests next to it, below the file's name."""
    found = uncovered(file.now) if file.now else []
    if not found:
        return ""
    tests = tests_nearby(file.now) if file.now else []
    near = f"; tests nearby: {', '.join(tests)}" if tests else ""
    return element("p", escaped(listed(found, 40) + near), class_="place")


def _bar(was: Ratio | None, now: Ratio | None, colour: str) -> str:
    """The share covered now as a bar, the baseline as a tick across it."""
    width, height = _BAR
    drawn = element("rect", class_="track", width=width, height=height)
    if now is not None:
        drawn += element("rect", class_=f"covered {colour}", width=_at(now, width), height=height)
    if was is not None:
        x = _at(was, width)
        drawn += element("line", class_="was", x1=x, x2=x, y1=-2, y2=height + 2)
    label = f"{now.percent if now else 'not measured'}, baseline {was.percent if was else 'none'}"
    return element(
        "svg",
        drawn,
        class_="bar",
        role="img",
        aria_label=label,
        width=width,
        height=height,
        overflow="visible",
    )


def _trend(points: Sequence[Point]) -> str:
    """The committed baseline over time; the scale begins where the lowest point needs it."""
    if len(points) < 2:
        return ""
    width, height = _TREND
    shares = [point.counts.ratio.covered / max(1, point.counts.ratio.total) for point in points]
    lowest = min(0.9, int(min(shares) * 10) / 10)
    first, span = points[0].day, max(1, (points[-1].day - points[0].day).days)
    path = " ".join(
        f"{(point.day - first).days / span * width:.1f},{(1 - share) / (1 - lowest) * height:.1f}"
        for point, share in zip(points, shares, strict=True)
    )
    last = points[-1]
    label = (
        f"baseline from {points[0].counts.ratio.percent} on {first.isoformat()} "
        f"to {last.counts.ratio.percent} on {last.day.isoformat()}"
    )
    drawn = element("line", class_="limit", x1=0, x2=width, y1=0, y2=0)
    drawn += element("line", class_="limit", x1=0, x2=width, y1=height, y2=height)
    drawn += element("polyline", class_="trend", points=path)
    svg = element("svg", drawn, viewBox=f"0 -4 {width} {height + 8}", role="img", aria_label=label)
    scale = f"{label}; the scale is {lowest * 100:.0f} to 100 %"
    return f'<figure class="coverage-trend">{svg}<figcaption><p>{escaped(scale)}</p></figcaption></figure>'


def _at(ratio: Ratio, width: int) -> str:
    return f"{ratio.covered / ratio.total * width if ratio.total else width:.1f}"
