"""The comparison in ``report.html``: a forest plot first and every number below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from maint.regression.comparison import Comparison, Row, Verdict
from maint.regression.forest import axis, css_class, legend, scale_for, strip
from maint.regression.naming import short_names
from maint.regression.wording import (
    WORDS,
    alike,
    baseline_label,
    change,
    commits,
    headline,
    interval,
    measured,
    noise,
    noise_pct,
    ranked,
    remarks,
)
from maint.report.cells import printable, printable_lines, shorten
from maint.report.page import element, escaped, facts, typeset
from maint.report.quantity import NONE, duration, elapsed, percent

_PLOTTED = 80
_OUTPUT_KEPT = 20_000
_TITLES = ("change", "95 % CI", "clock", "blocks", "pairs")


def section_html(comparison: Comparison) -> str:
    """The gate's part: forest plot of the 80 worst, table of all rows, remarks on them, the machine."""
    rows = ranked(comparison)
    names = short_names(row.name for row in rows)
    anchors = {row.name: f"b{number}" for number, row in enumerate(rows)}
    return "".join(
        (
            _header(comparison),
            _forest(comparison, rows, names, anchors),
            _table(comparison, rows, anchors),
            _remarks(comparison, rows),
            _environment(comparison),
        )
    )


def _header(comparison: Comparison) -> str:
    (head, head_commit), (base, base_commit) = commits(comparison)
    limits = comparison.thresholds
    told = facts(
        {
            head: f"<code>{escaped(head_commit)}</code>",
            "baseline": f"<code>{escaped(base)}</code> <code>{escaped(base_commit)}</code>",
            "warning from": typeset(percent(limits.warning * 100)),
            "critical from": typeset(percent(limits.critical * 100)),
            "took": escaped(elapsed(comparison.elapsed_s)),
        }
    )
    kind = "Benchmark self-test" if comparison.mode == "selftest" else "Benchmarks"
    return f'<h2 class="part">{kind}: {_headline(comparison)}</h2>{told}'


def _headline(comparison: Comparison) -> str:
    if comparison.mode == "selftest" or not comparison.benchmarks:
        return escaped(headline(comparison))
    present = [verdict for verdict in Verdict if any(row.status is verdict for row in comparison.benchmarks)]
    said = headline(comparison).split(", ")
    return ", ".join(
        f'<span class="said v-{verdict.lower().replace("_", "-")}">{escaped(text)}</span>'
        for verdict, text in zip(present, said, strict=True)
    )


def _forest(
    comparison: Comparison, rows: Sequence[Row], names: Mapping[str, str], anchors: Mapping[str, str]
) -> str:
    drawable = [row for row in rows if measured(row)]
    if not drawable:
        return ""
    plotted, left = drawable[:_PLOTTED], len(drawable) - _PLOTTED
    scale = scale_for(plotted)
    lines = (_plot_line(row, names[row.name], anchors[row.name], strip(row, scale)) for row in plotted)
    more = f"<p>{left:,} more are in the table below.</p>" if left > 0 else ""
    caption = (
        f"<figcaption><h3>Change against {escaped(baseline_label(comparison, 60))}</h3>"
        "<p>Right of 0 is slower. The numbers are in the table below.</p></figcaption>"
    )
    top = f'<div class="line"><span></span>{axis(scale, comparison.thresholds)}</div>'
    plot = f"{top}<ol>{''.join(lines)}</ol>"
    return f'<figure class="forest">{caption}<div class="plot">{plot}</div>{more}{legend()}</figure>'


def _plot_line(row: Row, name: str, anchor: str, drawn: str) -> str:
    shown = escaped(shorten(printable(name), 90))
    link = element("a", shown, href=f"#{anchor}", title=shorten(printable(row.name), 300))
    return (
        f'<li class="line"><span class="name">{link}</span>{drawn}'
        f'<span class="change">{typeset(change(row, 1))}</span>{_verdict(row)}</li>'
    )


def _verdict(row: Row) -> str:
    glyph = f'<span aria-hidden="true">{WORDS[row.status].glyph}</span>'
    return f'<span class="verdict {css_class(row)}">{glyph} {row.status}</span>'


def _table(comparison: Comparison, rows: Sequence[Row], anchors: Mapping[str, str]) -> str:
    if not rows:
        return ""
    told = ("noise floor", "clock", "blocks", "pairs") if comparison.mode == "selftest" else _TITLES
    numeric = (escaped(baseline_label(comparison)), "head", *told)
    titles = "".join(f'<th scope="col" class="n">{title}</th>' for title in numeric)
    if comparison.mode != "selftest":
        titles += '<th scope="col">verdict</th>'
    body = "".join(_table_row(row, anchors[row.name], comparison.mode) for row in rows)
    return (
        "<section><h3>All benchmarks</h3>"
        '<div class="scroll" role="region" aria-label="all benchmarks, scrolls sideways" tabindex="0"><table>'
        f'<thead><tr><th scope="col">benchmark</th>{titles}</tr></thead><tbody>{body}</tbody>'
        "</table></div></section>"
    )


def _table_row(row: Row, anchor: str, mode: str) -> str:
    place, separator, function = row.name.rpartition("::")
    if "[" in place:
        place, separator, function = row.name.partition("::")
    name = f'<span class="place">{_cut(place + separator)}</span>{_cut(function)}'
    cells = [duration(row.baseline_s), duration(row.head_s)]
    if mode == "selftest":
        cells.append(noise(noise_pct(row)))
    else:
        cells += (change(row, 1), interval(row, decimals=1) or NONE)
    cells += [row.clock or NONE, str(row.blocks), str(row.pairs)]
    numbers = "".join(f'<td class="n">{typeset(cell)}</td>' for cell in cells)
    verdict = "" if mode == "selftest" else f"<td>{_verdict(row)}</td>"
    return f'<tr id="{anchor}"><th scope="row">{name}</th>{numbers}{verdict}</tr>'


def _cut(text: str) -> str:
    return escaped(shorten(printable(text), 300))


def _remarks(comparison: Comparison, rows: Sequence[Row]) -> str:
    notes = "".join(f"<li>{escaped(note)}</li>" for note in comparison.notes)
    said = "".join(map(_remark, alike(rows)))
    if not (notes or said):
        return ""
    listed = f"<ul>{notes}</ul>" if notes else ""
    return f'<section aria-labelledby="why"><h3 id="why">Reasons and notes</h3>{listed}{said}</section>'


def _remark(rows: Sequence[Row]) -> str:
    row, *others = rows
    reasons = "".join(f"<p>{escaped(remark)}</p>" for remark in remarks(row))
    lines = printable_lines(row.output, _OUTPUT_KEPT)
    output = f'<pre tabindex="0">{escaped_lines(lines)}</pre>' if lines else ""
    more = f" and {len(others):,} more" if others else ""
    names = "".join(f"<li><code>{_cut(other.name)}</code></li>" for other in others)
    listed = f"<ul>{names}</ul>" if others else ""
    summary = f"<summary>{_verdict(row)} <code>{_cut(row.name)}</code>{more}</summary>"
    return f"<details{' open' * (not lines and not others)}>{summary}{reasons}{output}{listed}</details>"


def escaped_lines(lines: Iterable[str]) -> str:
    """Return lines as the text of a ``pre``."""
    return "\n".join(map(escaped, lines))


def _environment(comparison: Comparison) -> str:
    if not comparison.environment:
        return ""
    told = {name.replace("_", " "): escaped(_plain(value)) for name, value in comparison.environment.items()}
    return f'<section aria-labelledby="machine"><h3 id="machine">Measured on</h3>{facts(told)}</section>'


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value))
    return str(value)[:2000]
