"""``report.md``: the sections of a session as one comment."""

from __future__ import annotations

from collections.abc import Sequence

from maint.findings import Finding
from maint.report.gfm import code, table, within
from maint.report.listing import heading, headline, scope, sign, spoken, what, where, worst_first
from maint.report.section import Section

# GitHub refuses a comment of more than 65,536 characters.
LIMIT = 65_000
_WIDTH = 40


def report_md(sections: Sequence[Section], limit: int = LIMIT) -> str:
    """The whole report in at most ``limit`` characters, of which it needs some 2,000 at least.

    A section's own Markdown is placed as it is; of the others the findings are listed, worst first. What does
    not fit is counted.
    """
    parts = [] if len(sections) == 1 else [f"# Maintainability: {spoken(sections)}"]
    for position, section in enumerate(sections):
        room = limit - sum(len(part) + 2 for part in parts) - _reserved(sections[position + 1 :])
        parts.append(_part(section, room))
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _reserved(later: Sequence[Section]) -> int:
    """Room for the least that each later section says."""
    return sum(len(_short(section)) + 2 for section in later)


def _part(section: Section, room: int) -> str:
    if not section.markdown:
        return _listed(section, room)
    return section.markdown if len(section.markdown) <= room else _short(section)


def _short(section: Section) -> str:
    left = f"The {len(section.findings):,} did not fit here; see `findings.json`."
    return f"{_title(section)}\n\n{left if section.findings else _looked(section)}"


def _title(section: Section) -> str:
    name = heading(section)
    # The name of another tool is data.
    shown = name if name.replace(" ", "").isalnum() else code(name, _WIDTH, table=False)
    return f"## {shown}: {headline(section.findings)}"


def _looked(section: Section) -> str:
    run = section.run
    judged = f", {len(run.judged):,} judged" if run.judged else ""
    unjudged = f", {len(run.unjudged):,} not judged" if run.unjudged else ""
    said = f"Looked at {code(scope(run), 200, table=False)}{judged}{unjudged}."
    return said if run.partial or run.judged or run.unjudged else "Looked at everything."


def _listed(section: Section, room: int) -> str:
    opening = f"{_title(section)}\n\n{_looked(section)}"
    if not section.findings:
        return opening
    head = table(("severity", "code", "where", "what"), "<<<<", ())
    room -= len(opening) + len(head) + len("\n\n\n\nand 1,000,000,000 more")
    rows = list(within(map(_row, worst_first(section.findings)), room))
    if not rows:
        return _short(section)
    left = len(section.findings) - len(rows)
    more = f"\n\nand {left:,} more" if left else ""
    return "\n".join((f"{opening}\n\n{head}", *rows)) + more


def _row(finding: Finding) -> str:
    severity = f"{sign(finding.severity)} {finding.severity}"
    cells = severity, code(finding.code, _WIDTH), code(where(finding)), code(what(finding), 200)
    return f"| {' | '.join(cells)} |"
