"""Two saved runs of pytest-benchmark: the first is the baseline of the second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from maint.findings import Finding, Location, Severity, fingerprint
from maint.readers.parsing import converted
from maint.readers.source import Source
from maint.report.documents import Run
from maint.report.quantity import duration, percent
from maint.report.section import Section

TOOL = "pytest-benchmark"
CODE = "pytest-benchmark:slower"


class Limits(msgspec.Struct, frozen=True):
    """How much slower is a finding, as fractions: from ``warning`` medium, from ``critical`` high."""

    warning: float
    critical: float


class _Stats(msgspec.Struct, frozen=True):
    median: float
    q1: float
    q3: float


class _Benchmark(msgspec.Struct, frozen=True):
    fullname: str
    stats: _Stats


class _CommitInfo(msgspec.Struct, frozen=True):
    id: str | None = None
    dirty: bool | None = None


class _Saved(msgspec.Struct, frozen=True):
    benchmarks: tuple[_Benchmark, ...]
    commit_info: _CommitInfo = _CommitInfo()
    version: str = ""


def compare(
    baseline: tuple[Source, Mapping[str, Any]], head: tuple[Source, Mapping[str, Any]], limits: Limits
) -> list[Section]:
    """What got slower: the median by more than ``limits``, and the middle halves of the rounds lie apart.

    Two runs at two times cannot tell a slower program from a slower machine, hence no code of the gate's.
    """
    before, after = (converted(*one, _Saved) for one in (baseline, head))
    known = {one.fullname: one.stats for one in before.benchmarks}
    shared = [one for one in after.benchmarks if one.fullname in known]
    new = [one.fullname for one in after.benchmarks if one.fullname not in known]
    gone = known.keys() - {one.fullname for one in after.benchmarks}
    found = (_finding(head[0], one, known[one.fullname], limits) for one in shared)
    run = Run(
        guardrail=TOOL,
        version=after.version,
        codes=(CODE,),
        judged=tuple(one.fullname for one in shared),
        unjudged=dict.fromkeys(new, "not in the baseline")
        | dict.fromkeys(sorted(gone), "only in the baseline"),
        head_commit=after.commit_info.id or "",
        head_dirty=bool(after.commit_info.dirty),
        baseline_commit=before.commit_info.id or "",
    )
    return [Section(run=run, findings=tuple(finding for finding in found if finding is not None))]


def _finding(source: Source, one: _Benchmark, before: _Stats, limits: Limits) -> Finding | None:
    after = one.stats
    change = after.median / before.median - 1 if before.median > 0 else 0.0
    if change < limits.warning or after.q1 <= before.q3:
        return None
    path = one.fullname.partition("::")[0]
    title = "slower than in the baseline run"
    return Finding(
        code=CODE,
        severity=Severity.HIGH if change >= limits.critical else Severity.MEDIUM,
        category="performance",
        title=title,
        message=f"median {duration(after.median)}, baseline {duration(before.median)} "
        f"({percent(change * 100)}, allowed {percent(limits.warning * 100)})",
        location=Location(path=source.relative(path), node_id=one.fullname),
        remedy="compare both commits in one session with pytest --maint-baseline REF, then profile",
        evidence={"change": change, "baseline_s": before.median, "head_s": after.median},
        fingerprint=fingerprint(CODE, one.fullname, title),
    )
