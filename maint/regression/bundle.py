"""What a gate run hands over: its files of measurements, and its section of the session's report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from maint.findings import Finding
from maint.regression.comparison import Comparison, Row, Verdict
from maint.regression.findings import CODES
from maint.regression.html import section_html
from maint.regression.markdown import section_md
from maint.regression.results import SideName, results_json
from maint.report.atomic import write_bytes
from maint.report.bundle import claim
from maint.report.documents import Run, json_bytes, own_version
from maint.report.section import Section

Samples = Mapping[str, Sequence[float]]
_NONE: Mapping[Any, Any] = MappingProxyType({})
_RESULT_DIFFERS_CODE = "BEN007"
_UNJUDGED = frozenset(
    {Verdict.INCONCLUSIVE, Verdict.BASE_ERROR, Verdict.INVALID, Verdict.REMOVED, Verdict.NEW}
)


def write_results(
    comparison: Comparison,
    out: Path,
    *,
    machine_info: Mapping[str, Any] = _NONE,
    commit_infos: Mapping[SideName, Mapping[str, Any]] = _NONE,
    samples: Mapping[SideName, Samples] = _NONE,
) -> list[Path]:
    """Write the three files of measurements to ``out`` and return their paths.

    ``samples`` maps each side to seconds per call by node id. Raises MaintError naming the file that cannot
    be written; the ones before it are complete.
    """
    documents: dict[str, object] = {"comparison_report.json": comparison}
    sides: dict[str, SideName] = {"baseline_results.json": "baseline", "pr_results.json": "head"}
    for name, side in sides.items():
        commit_info, measured = commit_infos.get(side, _NONE), samples.get(side, _NONE)
        documents[name] = results_json(comparison, side, machine_info, commit_info, measured)
    claim(out)
    for name, document in documents.items():
        write_bytes(out / name, json_bytes(document))
    return [out / name for name in documents]


def section_of(comparison: Comparison, findings: Sequence[Finding], partial: str = "") -> Section:
    """Return the gate's part of the session's report; ``partial`` says why it saw only some benchmarks."""
    return Section(
        run=run_of(comparison, partial),
        findings=tuple(findings),
        title=f"Benchmarks against {comparison.baseline.ref}",
        markdown=section_md(comparison),
        html=section_html(comparison),
    )


def run_of(comparison: Comparison, partial: str = "") -> Run:
    """Return what the gate looked at: benchmarks with a verdict, and why the others have none."""
    rows = comparison.benchmarks
    return Run(
        guardrail="benchmark",
        version=own_version(),
        codes=tuple(sorted({*CODES.values(), _RESULT_DIFFERS_CODE})),
        partial=partial,
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
