"""``maint coverage check`` and ``explain``: the verdict on a measurement, and on one file of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from maint.cli.coverage.project import Project, project
from maint.cli.main import CLEAN, FINDINGS
from maint.coverage.assess import assess, load
from maint.coverage.baseline import Baseline
from maint.coverage.judgement import Judgement, fails
from maint.coverage.loosening import loosened_since
from maint.coverage.measured import FileMeasure, Measured
from maint.coverage.section import section
from maint.coverage.wording import name, tests_nearby, uncovered
from maint.errors import InputError
from maint.findings import Finding
from maint.report.bundle import write_session
from maint.report.cells import printable
from maint.report.github import annotation_lines

if TYPE_CHECKING:
    import argparse


def check(arguments: argparse.Namespace) -> int:
    """Judge, print the verdict, and write the report where one is asked for."""
    given = {
        "coverage.min": arguments.min,
        "coverage.patch": arguments.patch,
        "coverage.patch_min": arguments.patch_min,
        "coverage.strict_env": arguments.strict_env,
    }
    chosen = project(arguments, given)
    loosened = _loosened(chosen, arguments.against)
    if arguments.against and not arguments.data and not chosen.data_file().is_file():
        return _told(loosened, [finding.message for finding in loosened] or ["the baseline was not loosened"])
    measured = chosen.measured(arguments.data)
    judgement = assess(measured, chosen.root, chosen.settings)
    judgement = msgspec.structs.replace(judgement, findings=(*loosened, *judgement.findings))
    if arguments.out:
        write_session([section(judgement, chosen.root, chosen.settings)], arguments.out)
    width = shutil.get_terminal_size().columns
    rest = "in the report" if arguments.out else "with --out DIR"
    return _told(judgement.findings, judgement.lines(width, rest))


def explain(arguments: argparse.Namespace) -> int:
    """Print what is known of one file; InputError where it was not measured."""
    chosen = project(arguments)
    measured = chosen.measured(arguments.data)
    path = chosen.relative(arguments.file)
    file = measured.files.get(path)
    if file is None:
        raise InputError(f"{printable(path)}: not in this measurement; coverage report lists what is")
    judgement = assess(measured, chosen.root, chosen.settings)
    baseline = load(chosen.root, chosen.settings) or Baseline()
    for title, text in _facts(path, file, measured, baseline, judgement):
        print(f"{title:<10}{text}")
    return CLEAN


def _loosened(chosen: Project, ref: str | None) -> list[Finding]:
    if not ref:
        return []
    return loosened_since(chosen.root, chosen.settings, load(chosen.root, chosen.settings), ref)


def _told(findings: Sequence[Finding], lines: Iterable[str]) -> int:
    for line in lines:
        print(line)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in annotation_lines(findings):
            print(line)
    return FINDINGS if fails(findings) else CLEAN


def _facts(
    path: str, file: FileMeasure, measured: Measured, baseline: Baseline, judgement: Judgement
) -> list[tuple[str, str]]:
    counts = file.counts
    facts = [
        ("file", name(path)),
        ("measured", f"{counts.ratio.percent}, {_counted(counts.misses, counts.total)}"),
    ]
    verdict = next((one for one in judgement.files if one.path == path), None)
    if verdict is None:
        facts.append(("baseline", "none that is comparable"))
    else:
        facts.append(("verdict", str(verdict.status)))
        if verdict.old_path:
            facts.append(("renamed", f"from {name(verdict.old_path)}"))
        if row := verdict.row:
            facts.append(
                ("baseline", f"{row.floor.percent}, {_counted(row.counts.misses, row.counts.total)}")
            )
    for waiver in baseline.granted(measured.environment.key, path):
        facts.append(("exception", f"until {waiver.until.isoformat()}: {printable(waiver.reason)}"))
    facts.append(("uncovered", ", ".join(uncovered(file)) or "nothing"))
    facts += [("nearby", test) for test in tests_nearby(file)]
    return facts


def _counted(misses: int, total: int) -> str:
    return f"{misses:,} of {total:,} missed"
