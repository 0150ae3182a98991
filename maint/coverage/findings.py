"""What the ratchet says as findings: COV001 to COV090 of the rules table."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from maint.coverage.baseline import Row, Waiver
from maint.coverage.counts import Counts, shortfall, threshold
from maint.coverage.measured import FileMeasure
from maint.coverage.patch import ChangedFile, Patch
from maint.coverage.schedule import Step
from maint.coverage.wording import listed, more, name, percent, ranges, tests_nearby, uncovered
from maint.findings import Finding, Location, Severity
from maint.report.cells import encodable, printable, shorten
from maint.rules.table import RULES


def fell(path: str, row: Row, now: FileMeasure, expired: Waiver | None) -> Finding:
    """COV001: one file against its row."""
    counts = now.counts
    happened = (
        f"{counts.ratio.percent} covered, baseline {row.floor.percent} "
        f"({counts.misses:,} missed, baseline {row.counts.misses:,})"
    )
    if expired is not None:
        happened += f", its exception ended on {expired.until.isoformat()}"
    return _finding(
        "COV001",
        path,
        "covered less than in the baseline",
        f"{happened}; cover {_gaps(now)}",
        _file(now, row),
    )


def total_fell(was: Counts, now: Counts) -> Finding:
    """COV002: the sum of all files against the sum of their rows."""
    happened = (
        f"{now.ratio.percent} covered, baseline {was.ratio.percent} "
        f"({now.misses:,} missed, baseline {was.misses:,})"
    )
    short = shortfall(now, was.ratio)
    return _finding(
        "COV002",
        "",
        "covered less than in the baseline",
        f"{happened}; cover {more(short, now)}",
        {"now": _plain(now), "baseline": _plain(was), "short": short},
    )


def new_file(path: str, now: FileMeasure, least: Decimal) -> Finding:
    """COV003: a file that the baseline does not know."""
    happened = f"{now.counts.ratio.percent} covered, a new file needs {percent(least)}"
    return _finding(
        "COV003", path, "a new file covered too little", f"{happened}; cover {_gaps(now)}", _file(now, None)
    )


def not_measured(path: str, row: Row) -> Finding:
    """COV004: a file of the baseline that is there and was not measured."""
    happened = f"not in this measurement, baseline {row.floor.percent} of {row.counts.total:,}"
    return _finding(
        "COV004",
        path,
        "no longer measured",
        f"{happened}; measure it again or delete it",
        {"baseline": _plain(row.counts)},
    )


def below(now: Counts, least: Decimal, source: str) -> Finding:
    """COV010: the total against the minimum, or the floor of the day."""
    short = shortfall(now, threshold(least))
    happened = f"{_covered(now)}, {percent(least)} required ({source})"
    return _finding(
        "COV010",
        "",
        "below the minimum",
        f"{happened}; cover {more(short, now)}",
        {"now": _plain(now), "required_percent": str(least), "source": source, "short": short},
    )


def due(now: Counts, step: Step, last_day: date) -> Finding:
    """COV020: the floor has risen above the total, within its grace period."""
    short = shortfall(now, threshold(step.percent))
    happened = f"{_covered(now)}, the floor is {percent(step.percent)} since {step.day.isoformat()}"
    return _finding(
        "COV020",
        "",
        "the floor has risen above it",
        f"{happened}; cover {more(short, now)} by {last_day.isoformat()}",
        {"now": _plain(now), "required_percent": str(step.percent), "short": short},
    )


def patch_below(patch: Patch, least: Decimal) -> Finding:
    """COV030: the changed statements against their minimum."""
    counts = patch.counts
    gaps = {file.path: _changed(file) for file in patch.files if file.uncovered}
    where = listed([f"{name(path)} {listed(found)}" for path, found in gaps.items()], 5)
    happened = f"{_patch_covered(patch)}, {percent(least)} required; cover {where}"
    first = next(file for file in patch.files if file.uncovered)
    return _finding(
        "COV030",
        first.path,
        "changed statements are not covered",
        happened,
        {
            "now": _plain(counts),
            "required_percent": str(least),
            "commit": patch.commit,
            "uncovered": {encodable(path): found for path, found in gaps.items()},
        },
        line=first.uncovered[0],
        subject="patch",
    )


def changed_not_measured(file: ChangedFile) -> Finding:
    """COV031: a changed file that no run has measured."""
    count = len(file.statements)
    unit = "statement counts" if count == 1 else "statements count"
    happened = f"changed, but not in this measurement: {count:,} {unit} as uncovered"
    return _finding(
        "COV031",
        file.path,
        "changed, but not measured",
        f"{happened}; import it in a test, or omit it in coverage's settings",
        {"statements": list(file.statements)},
        line=file.statements[0],
    )


def not_comparable(differences: str, *, strict: bool) -> Finding:
    """COV090: nothing in the baseline is of this environment."""
    happened = f"not compared with the baseline, measured with {differences}"
    return _finding(
        "COV090",
        "",
        "not comparable with the baseline",
        f"{happened}; pin this environment: maint coverage init",
        {"differences": differences},
        severity=Severity.HIGH if strict else None,
    )


def loosened(path: str, was: Row, now: Row | None, ref: str) -> Finding:
    """COV012: a row of the baseline that demands less than the one where this branch left ``ref``."""
    demands = f"the baseline demands {now.floor.percent}" if now else "the baseline no longer holds it"
    return _finding(
        "COV012",
        path,
        "the baseline was loosened",
        f"{demands}, at {printable(shorten(ref, 60))} {was.floor.percent}; restore the line, or record why: "
        "maint coverage lower",
        {"was": _plain(was.counts), "now": _plain(now.counts) if now else None},
    )


def pinned_anew(differences: str, ref: str) -> Finding:
    """COV090: a baseline that cannot be compared with the one where this branch left ``ref``."""
    happened = f"pinned anew ({differences}), so not compared with the one at {printable(shorten(ref, 60))}"
    return _finding(
        "COV090",
        "",
        "pinned anew",
        f"{happened}; review its lines",
        {"differences": differences},
        subject="baseline",
    )


def partial_run(reason: str) -> Finding:
    """COV080: why nothing was judged."""
    return _finding(
        "COV080",
        "",
        "not judged",
        f"not judged: partial run ({printable(reason)}); run the whole suite",
        {"reason": encodable(reason)},
        subject="coverage",
    )


def patch_said(patch: Patch) -> str:
    """A patch that passes, or that has nothing to judge."""
    if not patch.counts.total:
        return f"patch: no statement changed since {_ref(patch)}"
    return f"patch: {_patch_covered(patch)}"


def _finding(
    code: str,
    path: str,
    cause: str,
    happened: str,
    evidence: dict[str, Any],
    *,
    line: int | None = None,
    subject: str = "",
    severity: Severity | None = None,
) -> Finding:
    rule = RULES[code]
    place = encodable(path)
    return Finding(
        code=code,
        severity=severity or Severity(rule.severity),
        category="coverage",
        title=f"{subject or name(path) or 'total'}: {cause}",
        message=f"{subject or name(path) or 'total'}: {happened}; {code}",
        location=Location(path=place or None, line=line or evidence.get("first_line")),
        remedy=rule.remedy,
        evidence=evidence,
    )


def _file(now: FileMeasure, row: Row | None) -> dict[str, Any]:
    gaps = [*now.missing, *(line for line, _ in now.arcs)]
    evidence: dict[str, Any] = {"now": _plain(now.counts), "uncovered": uncovered(now)}
    if row is not None:
        evidence["baseline"] = _plain(row.counts)
        evidence["baseline_floor"] = [row.floor.covered, row.floor.total]
    if gaps:
        evidence["first_line"] = min(gaps)
    if tests := tests_nearby(now):
        evidence["tests_nearby"] = tests
    return evidence


def _gaps(now: FileMeasure) -> str:
    tests = tests_nearby(now)
    return listed(uncovered(now)) + (f" (tests nearby: {', '.join(tests)})" if tests else "")


def _changed(file: ChangedFile) -> list[str]:
    return ranges(file.uncovered, file.statements)


def _covered(now: Counts) -> str:
    return f"{now.ratio.percent} covered ({now.ratio.covered:,} of {now.total:,} {now.unit})"


def _patch_covered(patch: Patch) -> str:
    ratio = patch.counts.ratio
    share = f"{ratio.percent} of the statements changed since {_ref(patch)}"
    return f"{share} covered ({ratio.covered:,} of {ratio.total:,})"


def _ref(patch: Patch) -> str:
    return f"{shorten(printable(patch.ref), 60)} ({patch.commit[:10]})"


def _plain(counts: Counts) -> dict[str, int]:
    return {
        "statements": counts.statements,
        "missing": counts.missing,
        "branches": counts.branches,
        "missing_branches": counts.missing_branches,
        "partial": counts.partial,
    }
