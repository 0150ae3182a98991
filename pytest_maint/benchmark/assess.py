"""From gathered benchmarks to verdicts and reports: trees, the measuring run, and what they say together."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from maint.baseline.differences import beside_code
from maint.baseline.trees import TreePair
from maint.findings import Finding, Location
from maint.git import Repository
from maint.refs import Resolution, resolve
from maint.regression.bundle import section_of, write_results
from maint.regression.comparison import Comparison, Row, Side, Thresholds, Verdict
from maint.regression.findings import findings_of
from maint.regression.removed import removed_rows
from maint.regression.table import table_lines
from maint.report.section import Section
from pytest_maint.options import settings as maint_settings

from .candidate import Candidate
from .launch import Launcher
from .run import GateRun
from .settings import GateSettings
from .trees import prepared
from .unaffected import unaffected

Progress = Callable[[str], None]

_MARKUP: Mapping[Verdict | None, dict[str, bool]] = {
    Verdict.CRITICAL: {"red": True, "bold": True},
    Verdict.HEAD_ERROR: {"red": True},
    Verdict.INVALID: {"red": True},
    Verdict.WARNING: {"yellow": True},
    Verdict.INCONCLUSIVE: {"yellow": True},
    Verdict.BASE_ERROR: {"yellow": True},
    Verdict.IMPROVED: {"green": True},
}
_FAILING = frozenset({Verdict.CRITICAL, Verdict.HEAD_ERROR, Verdict.INVALID})


class Resolved(NamedTuple):
    """What is compared: settled before the first test runs, so that a wrong ref costs nobody a test run."""

    repository: Repository
    baseline: Resolution
    head: Side


def resolve_sides(config: pytest.Config, chosen: GateSettings) -> Resolved:
    """Find the repository and the baseline commit; raises BaselineError."""
    repository = Repository.open(config.rootpath)
    if chosen.selftest:
        baseline = resolve(repository, chosen.ref, "tip")
        return Resolved(repository, baseline, Side(chosen.ref, baseline.commit))
    baseline = resolve(repository, chosen.ref, "tip" if chosen.at == "tip" else "merge-base")
    head = Side("HEAD", repository.head(), repository.is_dirty())
    return Resolved(repository, baseline, head)


class Assessment:
    """The verdicts of one gate run, and how to say them."""

    def __init__(self, comparison: Comparison, findings: Sequence[Finding], strict: bool) -> None:
        self.comparison = comparison
        self._findings = findings
        self._failing = _FAILING | ({Verdict.INCONCLUSIVE} if strict else set())

    def failures(self) -> dict[str, Finding]:
        """Node id to finding of every benchmark that fails the run; a self-test fails nothing on speed."""
        failing = (
            {Verdict.HEAD_ERROR, Verdict.INVALID} if self.comparison.mode == "selftest" else self._failing
        )
        names = {row.name for row in self.comparison.benchmarks if row.status in failing}
        found: dict[str, Finding] = {}
        for finding in self._findings:
            if finding.location.node_id in names:
                found.setdefault(finding.location.node_id, finding)
        return found

    def lines(self, width: int) -> list[tuple[str, dict[str, bool]]]:
        """Terminal lines with their markup."""
        both = self.comparison
        head = f"{both.head.commit[:12]}{'+dirty' if both.head.dirty else ''}"
        ref, commit = both.baseline.ref, both.baseline.commit[:12]
        sides = f"baseline {commit if commit.startswith(ref) else f'{ref} {commit}'}, head {head}"
        lines: list[tuple[str, Mapping[str, bool]]] = [(sides, {})]
        lines += [(text, _MARKUP.get(verdict, {})) for text, verdict in table_lines(both, width)]
        return [(text, dict(markup)) for text, markup in lines]

    def section(self, partial: str) -> Section:
        """The gate's part of the session's report; ``partial`` says why it saw only some benchmarks."""
        return section_of(self.comparison, self._findings, partial)


class Measured(NamedTuple):
    """What the trees were measured for: rows in file order, and notes for the report."""

    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()


def assess(
    config: pytest.Config,
    chosen: GateSettings,
    resolved: Resolved,
    candidates: Sequence[Candidate],
    progress: Progress,
) -> Assessment:
    """Measure ``candidates`` on both trees and write the results; raises MaintError where that fails."""
    began = time.monotonic()
    measured = _measure(config, chosen, resolved, candidates, progress, began) if candidates else Measured()
    comparison = Comparison(
        baseline=Side(chosen.ref, resolved.baseline.commit),
        head=resolved.head,
        thresholds=Thresholds(chosen.warning, chosen.critical),
        environment=_environment(),
        elapsed_s=time.monotonic() - began,
        benchmarks=measured.rows,
        notes=(*filter(None, [resolved.baseline.note]), *measured.notes),
        mode="selftest" if chosen.selftest else "gate",
    )
    locations = {c.node_id: Location(path=c.path, line=c.line) for c in candidates}
    findings = findings_of(comparison, locations)
    out = config.rootpath / maint_settings(config)["out"]
    write_results(comparison, out, machine_info=_machine_info(config))
    return Assessment(comparison, findings, chosen.inconclusive == "fail")


def _measure(
    config: pytest.Config,
    chosen: GateSettings,
    resolved: Resolved,
    candidates: Sequence[Candidate],
    progress: Progress,
    began: float,
) -> Measured:
    commit = resolved.baseline.commit
    progress(f"preparing {chosen.ref} {commit[:12]} for {len(candidates)} benchmarks")
    with prepared(config, chosen, resolved.repository, commit, candidates) as trees:
        run = GateRun(candidates, Launcher(config, trees, candidates), chosen, progress, began)
        touched = beside_code(resolved.repository, commit, trees) if chosen.unaffected == "skip" else []
        skipped: dict[str, Row] = {}
        if chosen.unaffected == "skip" and not touched:
            tracing = Launcher(config, trees, candidates, trace=True)
            skipped = unaffected(candidates, tracing, chosen.timeout, progress)
        run.settle(skipped)
        run.measure()
        notes = [f"everything is timed: not only Python code changed ({_few(touched)})"] if touched else []
        if trees.harness_changed:
            notes.append(
                f"benchmarks: head's ({_few(sorted(trees.harness_changed))} differs on the baseline)"
            )
        return Measured(
            rows=(*_merged(candidates, run.rows(), skipped), *_removed(config, trees)),
            notes=(*trees.notes, *notes),
        )


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _removed(config: pytest.Config, trees: TreePair) -> list[Row]:
    """Benchmarks only the baseline has, in the files whose version there differs."""
    top, rootdir = trees.head.path, trees.head.root
    files = {
        (top / path).relative_to(rootdir).as_posix(): (source, _source(top / path))
        for path, source in trees.harness_changed.items()
        if (top / path).is_relative_to(rootdir)
    }
    return removed_rows(files, tuple(config.getini("python_functions")))


def _source(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _merged(candidates: Sequence[Candidate], rows: Sequence[Row], skipped: Mapping[str, Row]) -> list[Row]:
    by_name = {row.name: row for row in rows} | dict(skipped)
    return [by_name[c.node_id] for c in candidates if c.node_id in by_name]


def _environment() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "platform": platform.platform(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load_average": [round(load, 2) for load in os.getloadavg()] if hasattr(os, "getloadavg") else None,
        "pytest": pytest.__version__,
        "pytest_benchmark": version("pytest-benchmark"),
    }


def _machine_info(config: pytest.Config) -> dict[str, Any]:
    # pytest-benchmark's own hook, so that files written here and there compare without a warning.
    info: dict[str, Any] = config.hook.pytest_benchmark_generate_machine_info(config=config)
    return info
