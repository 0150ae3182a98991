"""What budgets of GPU memory say as findings, and as a section of the session's report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from maint.findings import Finding, Location, Severity
from maint.report.cells import encodable, shorten
from maint.report.documents import Run, own_version
from maint.report.section import Section
from maint.rules.table import RULES

PROPERTY = "maint_vram"
_TITLES = {
    "VRAM001": "uses more GPU memory than its budget",
    "VRAM002": "leaves GPU memory behind",
    "VRAM003": "fails at its enforced budget of GPU memory",
}
_WIDTH = 120
CODES = ("VRAM001", "VRAM002", "VRAM003", *(f"VRAM02{digit}" for digit in range(10)))


class Outcome(NamedTuple):
    """What became of one test, as it travels from a worker to the controller (`told`, `read`).

    ``problems`` are pairs of a code and its sentence, ``headline`` is the verdict's, ``details`` are
    more lines on it; ``unsearched`` is the sentence why no leak could be looked for. ``strict`` fails a test
    that could not be judged; ``status`` is the verdict's, or skipped, or unfinished where the test failed
    within its budget; ``failed`` tests did so by themselves.
    """

    node_id: str
    status: str
    peak: int | None
    budget: int | None
    source: str
    device: str
    problems: tuple[tuple[str, str], ...]
    headline: str = ""
    details: tuple[str, ...] = ()
    leaked: int = 0
    strict: bool = False
    failed: bool = False
    unsearched: str = ""

    def told(self) -> dict[str, Any]:
        """Plain data."""
        problems = [list(one) for one in self.problems]
        return {**self._asdict(), "problems": problems, "details": list(self.details)}

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Outcome:
        """What `told` gave."""
        problems = tuple((str(code), str(message)) for code, message in told["problems"])
        return cls(**{**told, "problems": problems, "details": tuple(told["details"])})

    @property
    def judged(self) -> bool:
        """Whether there is a verdict on the budget."""
        return self.status in ("ok", "over", "measured")

    @property
    def failing(self) -> bool:
        """Whether the test has to fail for this; one that failed already has failed once."""
        if self.failed:
            return False
        failing = {"VRAM001", "VRAM002"}
        return any(code in failing for code, _ in self.problems) or (self.strict and not self.judged)

    @property
    def text(self) -> str:
        """What stands in the failure: every problem, and the largest blocks."""
        return "\n".join((*(message for _, message in self.problems), *self.details))


def findings_of(outcome: Outcome) -> list[Finding]:
    """One finding for each problem of a test that ran; a skip speaks for itself."""
    if outcome.status == "skipped":
        return []
    return [_finding(outcome, code, message) for code, message in outcome.problems]


def section(outcomes: Sequence[Outcome], *, partial: str) -> Section:
    """The part of the report: the run with what it judged, and the findings."""
    unjudged = {
        encodable(one.node_id): encodable(one.problems[-1][1] if one.problems else one.status)
        for one in outcomes
        if not one.judged
    }
    run = Run(
        guardrail="vram",
        version=own_version(),
        codes=CODES,
        partial=encodable(partial),
        judged=tuple(encodable(one.node_id) for one in outcomes if one.judged),
        unjudged=unjudged,
    )
    found = [finding for one in outcomes for finding in findings_of(one)]
    order = list(Severity)
    found.sort(key=lambda finding: order.index(finding.severity))
    return Section(run=run, findings=tuple(found), title="GPU memory")


def _finding(outcome: Outcome, code: str, message: str) -> Finding:
    rule = RULES[code]
    node_id = encodable(outcome.node_id)
    name = shorten(node_id.rpartition("::")[2] or node_id, _WIDTH)
    evidence = {
        "peak_bytes": outcome.peak,
        "budget_bytes": outcome.budget,
        "source": outcome.source,
        "device": outcome.device,
        "leaked_bytes": outcome.leaked,
    }
    return Finding(
        code=code,
        severity=Severity(rule.severity),
        category="gpu memory",
        title=f"{name}: {_TITLES.get(code, rule.summary)}",
        message=encodable(message),
        location=Location(path=node_id.partition("::")[0] or None, node_id=node_id),
        remedy=rule.remedy,
        evidence=evidence,
    )
