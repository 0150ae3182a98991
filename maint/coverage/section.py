"""The ratchet's part of a session's report."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from maint.coverage.findings import partial_run
from maint.coverage.history import trend
from maint.coverage.html import coverage_html
from maint.coverage.judgement import Judgement
from maint.coverage.markdown import coverage_markdown
from maint.coverage.settings import CoverageSettings
from maint.errors import BaselineError
from maint.git import Repository
from maint.report.cells import encodable
from maint.report.documents import Run
from maint.report.section import Section
from maint.rules.table import RULES

TITLE = "Coverage"
_CODES = tuple(code for code in RULES if code.startswith("COV"))


def section(judgement: Judgement, root: Path, settings: CoverageSettings) -> Section:
    """The whole judgement: its findings, and its part of both reports with the trend of the baseline."""
    points = trend(root, settings, judgement.key) if judgement.key else []
    return Section(
        run=_run(root, judged=tuple(encodable(file.path) for file in judgement.files)),
        findings=judgement.findings,
        title=TITLE,
        markdown=coverage_markdown(judgement),
        html=coverage_html(judgement, points),
    )


def unjudged_section(reason: str, root: Path) -> Section:
    """What stands in the report when a session could not be judged: ``reason`` is ``-k foo`` or the like."""
    return Section(run=_run(root, partial=encodable(reason)), findings=(partial_run(reason),), title=TITLE)


def _run(root: Path, *, partial: str = "", judged: tuple[str, ...] = ()) -> Run:
    try:
        repository = Repository.open(root)
        head, dirty = repository.commit("HEAD") or "", repository.is_dirty()
    except BaselineError:
        head, dirty = "", False
    return Run(
        guardrail="coverage",
        version=version("pytest-maint"),
        codes=_CODES,
        partial=partial,
        judged=judged,
        head_commit=head,
        head_dirty=dirty,
    )
