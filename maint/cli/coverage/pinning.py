"""``maint coverage init``, ``update``, ``lower``, ``merge``: what is written into the baseline."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import msgspec

from maint.cli.coverage.project import Project, project
from maint.cli.main import CLEAN
from maint.coverage.assess import circumstances, load, store
from maint.coverage.baseline import TOTAL, Baseline, Waiver, pinned, tightened
from maint.coverage.counts import Counts
from maint.coverage.judge import Circumstances, judge
from maint.coverage.judgement import FileVerdict, Status
from maint.coverage.measured import Measured
from maint.coverage.settings import CoverageSettings
from maint.coverage.wording import listed, name
from maint.errors import InputError, MaintError
from maint.report.cells import printable

if TYPE_CHECKING:
    import argparse


def init(arguments: argparse.Namespace) -> int:
    """Pin what is measured; MaintError where this environment is pinned already."""
    chosen = project(arguments)
    measured = chosen.measured(arguments.data)
    baseline = load(chosen.root, chosen.settings)
    if baseline is not None and measured.environment in baseline.environments:
        raise MaintError(
            f"{chosen.settings.baseline}: already holds {measured.environment.key}; "
            "tighten it with: maint coverage update"
        )
    store(
        chosen.root, chosen.settings, pinned(baseline or Baseline(), measured.environment, _counts(measured))
    )
    print(
        f"wrote {chosen.settings.baseline}: {len(measured.files):,} files, "
        f"{measured.total.ratio.percent} on {measured.environment.key}; commit it"
    )
    return CLEAN


def update(arguments: argparse.Namespace) -> int:
    """Tighten the rows of this environment; what fell keeps its floor, and is named."""
    chosen = project(arguments)
    measured = chosen.measured(arguments.data)
    baseline = _comparable(chosen, measured)
    around = circumstances(measured, baseline, chosen.root, _without_patch(chosen))
    better = tightened(
        baseline, measured.environment, _counts(measured), present=around.present, renames=around.renames
    )
    changed = store(chosen.root, chosen.settings, better)
    print(f"{chosen.settings.baseline}: " + ("tightened; commit it" if changed else "nothing to tighten"))
    fallen = [
        name(file.path) for file in judged(chosen, measured, baseline, around) if file.status is Status.FELL
    ]
    if fallen:
        print(f"below their floor, which they keep: {listed(fallen)}")
    return CLEAN


def lower(arguments: argparse.Namespace) -> int:
    """Record that a file may stay as bad as it is measured now, until a date."""
    chosen = project(arguments)
    measured = chosen.measured(arguments.data)
    baseline = _comparable(chosen, measured)
    around = circumstances(measured, baseline, chosen.root, _without_patch(chosen))
    path = TOTAL if arguments.file == TOTAL else chosen.relative(arguments.file)
    waiver = Waiver(
        path=path,
        key=measured.environment.key,
        counts=_granted(path, measured, judged(chosen, measured, baseline, around)),
        until=_until(arguments.until, around.today),
        reason=_reason(arguments.reason),
    )
    others = tuple(one for one in baseline.waivers if (one.key, one.path) != (waiver.key, path))
    store(chosen.root, chosen.settings, msgspec.structs.replace(baseline, waivers=(*others, waiver)))
    print(
        f"{chosen.settings.baseline}: {name(path)} may be at {waiver.counts.ratio.percent} "
        f"until {waiver.until.isoformat()}; commit it"
    )
    return CLEAN


def merge(arguments: argparse.Namespace) -> int:
    """Resolve what a merge left in the baseline."""
    chosen = project(arguments)
    baseline = load(chosen.root, chosen.settings)
    if baseline is None:
        raise _no_baseline(chosen)
    changed = store(chosen.root, chosen.settings, baseline)
    said = "written anew, the strictest line of each file; commit it" if changed else "nothing to resolve"
    print(f"{chosen.settings.baseline}: {said}")
    return CLEAN


def judged(
    chosen: Project, measured: Measured, baseline: Baseline, around: Circumstances
) -> tuple[FileVerdict, ...]:
    """Where each file stands."""
    return judge(measured, baseline, chosen.settings, around).files


def _comparable(chosen: Project, measured: Measured) -> Baseline:
    baseline = load(chosen.root, chosen.settings)
    if baseline is None:
        raise _no_baseline(chosen)
    if measured.environment not in baseline.environments:
        differences = baseline.why_not_comparable(measured.environment)
        raise MaintError(
            f"{chosen.settings.baseline}: measured with {differences}, so the counts do not compare; "
            "pin this environment with: maint coverage init"
        )
    return baseline


def _no_baseline(chosen: Project) -> InputError:
    return InputError(f"{chosen.root / chosen.settings.baseline}: no baseline yet; run: maint coverage init")


def _without_patch(chosen: Project) -> CoverageSettings:
    return msgspec.structs.replace(chosen.settings, patch=None)


def _granted(path: str, measured: Measured, files: tuple[FileVerdict, ...]) -> Counts:
    if path == TOTAL:
        return measured.total
    verdict = next((file for file in files if file.path == path and file.now), None)
    if verdict is None or verdict.now is None:
        raise InputError(f"{printable(path)}: not in this measurement; maint coverage check names what fell")
    if verdict.status not in (Status.FELL, Status.TOO_LOW, Status.EXCEPTED):
        raise MaintError(f"{printable(path)}: not below its floor; there is nothing to lower")
    return verdict.now.counts


def _until(text: str, today: date) -> date:
    try:
        until = date.fromisoformat(text)
    except ValueError:
        raise MaintError(f"--until {text!r}: no date; write it as 2026-12-31") from None
    if until < today:
        raise MaintError(
            f"--until {text}: over already on {today.isoformat()}, the date of HEAD; give a later one"
        )
    return until


def _reason(text: str) -> str:
    if not text.strip():
        raise MaintError("--reason: says nothing; give whoever reviews it a reason")
    return text.strip()


def _counts(measured: Measured) -> dict[str, Counts]:
    return {path: file.counts for path, file in measured.files.items()}
