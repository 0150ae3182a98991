"""What a session leaves in its output folder, and on GitHub's summary page when it runs there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from maint.report.atomic import sweep, write_bytes, write_text
from maint.report.documents import FindingsDocument, json_bytes
from maint.report.github import append_summary
from maint.report.html import report_html
from maint.report.markdown import report_md
from maint.report.sarif import sarif_log
from maint.report.section import Section

_NONE: Mapping[str, str] = MappingProxyType({})


def claim(out: Path) -> None:
    """Make ``out`` a folder of reports; raises MaintError where nothing can be written.

    As pytest does in its cache: reports are nobody's to commit, and no reason to call a tree dirty.
    """
    sweep(out)
    write_text(out / ".gitignore", "*\n")


def write_session(sections: Sequence[Section], out: Path, *, environ: Mapping[str, str] = _NONE) -> Path:
    """Write the four files of a session to ``out`` and return the page, which is the one to open.

    In GitHub Actions (by ``environ``) the report is also appended to the step's summary. Raises MaintError
    naming the file that cannot be written; the ones before it are complete.
    """
    document = FindingsDocument(
        runs=tuple(section.run for section in sections),
        findings=tuple(finding for section in sections for finding in section.findings),
    )
    markdown = report_md(sections)
    claim(out)
    write_bytes(out / "findings.json", json_bytes(document))
    write_bytes(out / "findings.sarif", json_bytes(sarif_log(sections)))
    write_text(out / "report.md", markdown)
    write_text(out / "report.html", _page(sections))
    if summary := environ.get("GITHUB_STEP_SUMMARY"):
        append_summary(Path(summary), markdown)
    return out / "report.html"


def _page(sections: Sequence[Section]) -> str:
    if len(sections) == 1 and sections[0].title:
        return report_html(sections, title=sections[0].title)
    return report_html(sections)
