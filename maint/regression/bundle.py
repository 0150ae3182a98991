"""Everything a gate run leaves in its output folder, and on GitHub's pages when it runs there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import Any

from maint.findings import Finding
from maint.regression.comparison import Comparison, Row, Verdict
from maint.regression.findings import CODES
from maint.regression.html import report_html
from maint.regression.markdown import report_md
from maint.regression.results import SideName, results_json
from maint.report.atomic import write_bytes, write_text
from maint.report.documents import FindingsDocument, Run, json_bytes
from maint.report.github import append_summary
from maint.report.sarif import sarif_log

Samples = Mapping[str, Sequence[float]]
_NONE: Mapping[Any, Any] = MappingProxyType({})
_RESULT_DIFFERS_CODE = "BEN007"
_UNJUDGED = frozenset(
    {Verdict.INCONCLUSIVE, Verdict.BASE_ERROR, Verdict.INVALID, Verdict.REMOVED, Verdict.NEW}
)


def write_reports(
    comparison: Comparison,
    findings: Sequence[Finding],
    out: Path,
    *,
    machine_info: Mapping[str, Any] = _NONE,
    commit_infos: Mapping[SideName, Mapping[str, Any]] = _NONE,
    samples: Mapping[SideName, Samples] = _NONE,
    environ: Mapping[str, str] = _NONE,
) -> list[Path]:
    """Write the seven files of a gate run to ``out`` and return their paths, the page to open last.

    ``samples`` maps each side to seconds per call by node id. In GitHub Actions (by ``environ``) the report
    also goes to the step's summary.
    Raises MaintError naming the file that cannot be written; the ones before it are complete.
    """
    markdown = report_md(comparison)
    documents: dict[str, object] = {
        "comparison_report.json": comparison,
        "findings.json": FindingsDocument(runs=(run_of(comparison),), findings=tuple(findings)),
        "findings.sarif": sarif_log(findings, guardrail="benchmark", version=_version()),
    }
    sides: dict[str, SideName] = {"baseline_results.json": "baseline", "pr_results.json": "head"}
    for name, side in sides.items():
        commit_info, measured = commit_infos.get(side, _NONE), samples.get(side, _NONE)
        documents[name] = results_json(comparison, side, machine_info, commit_info, measured)
    # As pytest does in its cache: reports are nobody's to commit, and no reason to call a tree dirty.
    write_text(out / ".gitignore", "*\n")
    for name, document in documents.items():
        write_bytes(out / name, json_bytes(document))
    write_text(out / "report.md", markdown)
    write_text(out / "report.html", report_html(comparison))
    if summary := environ.get("GITHUB_STEP_SUMMARY"):
        append_summary(Path(summary), markdown)
    return [out / name for name in (*documents, "report.md", "report.html")]


def run_of(comparison: Comparison) -> Run:
    """Return what the gate looked at: benchmarks with a verdict, and why the others have none."""
    rows = comparison.benchmarks
    return Run(
        guardrail="benchmark",
        version=_version(),
        codes=tuple(sorted({*CODES.values(), _RESULT_DIFFERS_CODE})),
        judged=tuple(row.name for row in rows if row.status not in _UNJUDGED),
        unjudged={row.name: _why(row) for row in rows if row.status in _UNJUDGED},
        head_commit=comparison.head.commit,
        head_dirty=comparison.head.dirty,
        baseline_ref=comparison.baseline.ref,
        baseline_commit=comparison.baseline.commit,
        elapsed_s=comparison.elapsed_s,
    )


def _why(row: Row) -> str:
    return f"{row.status}: {row.reason}" if row.reason else str(row.status)


def _version() -> str:
    try:
        return version("pytest-maint")
    except PackageNotFoundError:
        return "0"
