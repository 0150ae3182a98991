"""The texts of ``maint lint``: one function a format, from the same result."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from maint.lint.findings import document, findings, summary
from maint.lint.listing import Listing, Unseen
from maint.lint.run import Found, Result
from maint.report.cells import counted, printable
from maint.report.documents import Run, json_bytes
from maint.report.github import annotation_lines
from maint.report.sarif import sarif_log
from maint.report.section import Section


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to show: ``found`` is what is new and wanted, ``known`` the number the baseline holds."""

    root: Path
    result: Result
    found: Sequence[Found]
    run: Run
    known: int = 0
    notes: tuple[str, ...] = ()


def text(shown: Shown) -> str:
    """One line a finding, what was skipped, and the totals by code."""
    lines = [_line(shown.root, one) for one in shown.found]
    lines += [
        f"{_place(shown.root, one.path)}: skipped, {printable(one.reason)}" for one in shown.result.skipped
    ]
    lines += [*shown.notes, _totals(shown)]
    return "\n".join(lines) + "\n"


def json(shown: Shown) -> str:
    """``maint.lint/1``: the findings and what was skipped, as one document."""
    skipped = tuple(Unseen(one.path, one.reason) for one in shown.result.skipped)
    return json_bytes(Listing(findings=findings(shown.found), skipped=skipped, known=shown.known)).decode()


def sarif(shown: Shown) -> str:
    """SARIF 2.1.0."""
    return json_bytes(sarif_log([Section(run=shown.run, findings=findings(shown.found))])).decode()


def github(shown: Shown) -> str:
    """Workflow commands that GitHub Actions turns into annotations, and the totals."""
    return "\n".join((*annotation_lines(findings(shown.found)), *shown.notes, _totals(shown))) + "\n"


def report(shown: Shown) -> str:
    """``maint.findings/2``: what ``maint issues`` and the other readers of ``findings.json`` take."""
    return json_bytes(document(shown.result, shown.found, shown.run)).decode()


FORMATS: dict[str, Callable[[Shown], str]] = {
    "text": text,
    "json": json,
    "sarif": sarif,
    "github": github,
    "findings": report,
}


def _line(root: Path, one: Found) -> str:
    violation = one.violation
    return (
        f"{_place(root, one.path)}:{violation.line}:{violation.column}: "
        f"{violation.code} {printable(violation.message)}"
    )


def _place(root: Path, path: str) -> str:
    """``path`` as it can be opened from here."""
    return printable(Path(os.path.relpath(root / path)).as_posix())


def _totals(shown: Shown) -> str:
    counts = ", ".join(f"{code} {count:,}" for code, count in summary(shown.found).items())
    kind = "new finding" if shown.known else "finding"
    parts = [f"{counted(len(shown.found), kind)} ({counts})" if shown.found else f"no {kind}s"]
    if shown.known:
        parts.append(f"{shown.known:,} known in the baseline")
    if shown.result.skipped:
        parts.append(f"{len(shown.result.skipped):,} skipped")
    return f"{', '.join(parts)}; {counted(len(shown.result.files), 'file')} looked at"
