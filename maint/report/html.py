"""``report.html``: the sections of a session as one self-contained page, with findings to filter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from maint.findings import Finding, Severity
from maint.report.cells import printable, shorten
from maint.report.listing import all_findings, heading, headline, scope, sign, spoken, what, where
from maint.report.page import asset, element, escaped, page
from maint.report.section import Section

# What a browser lays out in well under a second; the rest is counted and is in findings.json.
ROWS = 5000
_KEPT = 300


def report_html(sections: Sequence[Section], *, title: str = "Maintainability report") -> str:
    """The page: what was looked at, each section's own part, then the findings of the sections without one.

    It reads as plain tables without JavaScript; the filter above the findings needs it.
    """
    finished = [section.html for section in sections if section.html]
    findings = all_findings(section for section in sections if not section.html)
    parts = (_header(sections, title), *finished, _findings(findings), _rules(findings), _runs(sections))
    body = f'<main class="page">{"".join(parts)}</main>'
    return page(f"{spoken(sections)}: {title}", body, asset("filter.js") if findings else "")


def _header(sections: Sequence[Section], title: str) -> str:
    counts = Counter(finding.severity for section in sections for finding in section.findings)
    said = ", ".join(
        f'<span class="said s-{severity}">{counts[severity]:,} {severity}</span>'
        for severity in Severity
        if counts[severity]
    )
    return f'<header><p class="kind">{escaped(title)}</p><h1>{said or headline(())}</h1></header>'


def _findings(findings: Sequence[Finding]) -> str:
    if not findings:
        return ""
    rows = "".join(map(_row, findings[:ROWS]))
    left = len(findings) - ROWS
    more = (
        f'<p class="more">These are the {ROWS:,} worst. {left:,} more are not on this page, and its filter '
        "does not search them; they are in <code>findings.json</code>.</p>"
    )
    titles = "".join(f'<th scope="col">{name}</th>' for name in ("severity", "code", "where", "what"))
    return (
        f'<section aria-labelledby="found"><h2 id="found">Findings</h2>{_filter(findings)}{more * (left > 0)}'
        '<div class="scroll" role="region" aria-label="all findings, scrolls sideways" tabindex="0">'
        f'<table id="findings" class="findings"><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table>'
        "</div></section>"
    )


def _row(finding: Finding) -> str:
    severity = finding.severity
    place = finding.location
    node_id = (place.node_id or "").removeprefix(place.path or "") if place.path else ""
    test = f'<span class="place">{_cut(node_id)}</span>' if node_id else ""
    return (
        f'<tr data-severity="{severity}" data-category="{escaped(finding.category)}">'
        f"<td>{_severity(severity)}</td><td><code>{_cut(finding.code)}</code></td>"
        f'<th scope="row">{_cut(where(finding))}{test}</th>'
        f'<td class="what">{escaped(what(finding))}</td></tr>'
    )


def _severity(severity: Severity) -> str:
    glyph = f'<span aria-hidden="true">{sign(severity)}</span>'
    return f'<span class="verdict s-{severity}">{glyph} {severity}</span>'


def _filter(findings: Iterable[Finding]) -> str:
    """The controls, which the script shows: without it they would do nothing."""
    severities = Counter(finding.severity for finding in findings)
    categories = Counter(finding.category for finding in findings)
    boxes = "".join(
        f'<label><input type="checkbox" name="severity" value="{severity}" checked> {severity} '
        f'<span class="count">{severities[severity]:,}</span></label>'
        for severity in Severity
        if severities[severity]
    )
    options = "".join(
        element("option", f"{escaped(name or 'none')} ({count:,})", value=name)
        for name, count in sorted(categories.items())
    )
    return (
        f'<form id="filter" class="filter" hidden><fieldset><legend>severity</legend>{boxes}</fieldset>'
        f'<label>category <select name="category"><option value="">all</option>{options}</select></label>'
        '<label>path, code or text <input type="search" name="text" autocomplete="off"></label>'
        '<button type="reset">reset</button><output id="shown" role="status"></output></form>'
    )


def _rules(findings: Iterable[Finding]) -> str:
    """What to do, once a rule."""
    first: dict[str, Finding] = {}
    counts: Counter[str] = Counter()
    for finding in findings:
        first.setdefault(finding.code, finding)
        counts[finding.code] += 1
    rows = "".join(
        f'<tr><th scope="row">{_cut(code)}</th><td class="n">{counts[code]:,}</td>'
        f'<td class="what">{_cut(one.remedy)}</td></tr>'
        for code, one in first.items()
    )
    titles = '<th scope="col">code</th><th scope="col" class="n">findings</th><th scope="col">what to do</th>'
    return _table("What to do", titles, rows) if rows else ""


def _runs(sections: Sequence[Section]) -> str:
    """What was looked at, and what was not."""
    rows = "".join(map(_run, sections))
    titles = "".join(
        f'<th scope="col"{" class=n" * numeric}>{name}</th>'
        for name, numeric in (("run", 0), ("findings", 1), ("judged", 1), ("not judged", 1), ("looked at", 0))
    )
    return _table("Runs", titles, rows) if rows else ""


def _run(section: Section) -> str:
    run = section.run
    version = f' <span class="place">{_cut(run.version)}</span>' if run.version else ""
    numbers = (len(section.findings), len(run.judged), len(run.unjudged))
    cells = "".join(f'<td class="n">{number:,}</td>' for number in numbers)
    return (
        f'<tr><th scope="row">{_cut(heading(section))}{version}</th>{cells}'
        f'<td class="what">{_cut(scope(run))}</td></tr>'
    )


def _table(name: str, titles: str, rows: str) -> str:
    anchor = name.lower().replace(" ", "-")
    return (
        f'<section aria-labelledby="{anchor}"><h2 id="{anchor}">{name}</h2>'
        f'<div class="scroll" role="region" aria-label="{name}, scrolls sideways" tabindex="0">'
        f"<table><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _cut(text: str) -> str:
    return escaped(shorten(printable(text), _KEPT))
