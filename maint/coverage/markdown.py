"""The coverage part of ``report.md``."""

from __future__ import annotations

from maint.coverage.judgement import FileVerdict, Judgement, Status
from maint.report.gfm import code, collapsed, table
from maint.report.quantity import NONE

_LISTED = 50
_SHOWN = 200
_QUIET = (Status.HELD, Status.GONE)


def coverage_markdown(judgement: Judgement) -> str:
    """The headline as heading, findings and notes, and a table of the files that moved."""
    parts = [f"## {judgement.headline[0].upper()}{judgement.headline[1:]}"]
    messages = [finding.message for finding in judgement.findings]
    if messages:
        left = len(messages) - _LISTED
        said = "\n".join(f"- {code(message, 400)}" for message in messages[:_LISTED])
        parts.append(said + (f"\n- and {left:,} more" if left > 0 else ""))
    if judgement.notes:
        parts.append("\n".join(f"- {code(note, 300)}" for note in judgement.notes))
    moved = [file for file in judgement.files if file.status not in _QUIET]
    if moved:
        left = len(moved) - _SHOWN
        more = f"\n\n{left:,} more are in `report.html`." if left > 0 else ""
        shown = table(("file", "verdict", "baseline", "now", "missed"), "<<>>>", map(_row, moved[:_SHOWN]))
        parts.append(collapsed(f"{len(moved):,} files moved", shown + more))
    return "\n\n".join(parts)


def _row(file: FileVerdict) -> tuple[str, ...]:
    was = file.row.floor.percent if file.row else NONE
    now = file.now.counts.ratio.percent if file.now else NONE
    return code(file.path), str(file.status), was, now, missed(file)


def missed(file: FileVerdict) -> str:
    """``10 to 14``, before and now; one number where there is no other."""
    before = f"{file.row.counts.misses:,}" if file.row else ""
    after = f"{file.now.counts.misses:,}" if file.now else ""
    return " to ".join(filter(None, (before, after)))
