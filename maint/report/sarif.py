"""``findings.sarif``: findings as SARIF 2.1.0 (OASIS Standard, 27 March 2020) for code scanning services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from maint.findings import Finding, Location, Severity
from maint.report.cells import printable
from maint.report.documents import Run
from maint.report.listing import worst_first
from maint.report.section import Section
from maint.rules.rule import Rule
from maint.rules.table import RULES

SCHEMA_URI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
OWN_TOOL = "pytest-maint"
FINGERPRINT = "maint/v1"
# "SARIF support for code scanning" in GitHub's documentation: more results in a run, or more runs in a file,
# and the upload is refused. Its other limits (25,000 rules, 1,000 locations a result, 20 tags) are far.
MOST_RESULTS = 25_000
MOST_RUNS = 20
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_PROBLEMS = {"error": "error", "warning": "warning", "note": "recommendation"}


class _Analysis(NamedTuple):
    """One run of the log: GitHub refuses two of the same tool and category."""

    guardrail: str
    runs: Sequence[Run]
    findings: Sequence[Finding]

    @property
    def tool(self) -> str:
        """The tool that raised the findings: this one where all the codes it knows are of the rules table."""
        own = all(run.codes and all(code in RULES for code in run.codes) for run in self.runs)
        return OWN_TOOL if own else self.guardrail

    def rule_id(self, code: str) -> str:
        """A code as the tool itself writes it."""
        return code.removeprefix(f"{self.guardrail}:")


def sarif_log(sections: Sequence[Section], most: int = MOST_RESULTS) -> dict[str, Any]:
    """Return the SARIF log as plain data, with one run a guardrail.

    A run holds its ``most`` worst results; how many were left out is in its notifications, and among its
    properties as ``partial``. Beyond 20 guardrails the first run says which were left out.
    """
    analyses = _analyses(sections)
    left = ", ".join(analysis.guardrail for analysis in analyses[MOST_RUNS:])
    runs = [_run(analysis, most) for analysis in analyses[:MOST_RUNS]]
    if left:
        _notify(runs[0], f"more than {MOST_RUNS} runs; left out: {printable(left)}")
    return {"$schema": SCHEMA_URI, "version": "2.1.0", "runs": runs}


def _analyses(sections: Iterable[Section]) -> list[_Analysis]:
    grouped: dict[str, list[Section]] = {}
    for section in sections:
        grouped.setdefault(section.run.guardrail, []).append(section)
    return [
        _Analysis(name, [one.run for one in group], [finding for one in group for finding in one.findings])
        for name, group in grouped.items()
    ]


def _run(analysis: _Analysis, most: int) -> dict[str, Any]:
    findings = analysis.findings
    kept = worst_first(findings)[:most] if len(findings) > most else findings
    first = {finding.code: finding for finding in reversed(kept)}
    indices = {code: index for index, code in enumerate(sorted(first))}
    driver = {
        "name": analysis.tool,
        **_version(analysis),
        "rules": [_rule(analysis, first[code]) for code in indices],
    }
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"maint/{analysis.guardrail}/"},
        "columnKind": "unicodeCodePoints",
        "results": [_result(analysis, finding, indices) for finding in kept],
    }
    for reason in _partial(analysis, len(kept)):
        _notify(run, reason)
    return run


def _version(analysis: _Analysis) -> dict[str, str]:
    version = next((run.version for run in analysis.runs if run.version), "")
    key = "semanticVersion" if analysis.tool == OWN_TOOL else "version"
    return {key: version} if version else {}


def _partial(analysis: _Analysis, kept: int) -> Iterable[str]:
    yield from dict.fromkeys(printable(run.partial) for run in analysis.runs if run.partial)
    if left := len(analysis.findings) - kept:
        yield f"{left:,} of {len(analysis.findings):,} results left out, the least severe"


def _notify(run: dict[str, Any], reason: str) -> None:
    invocation = run.setdefault("invocations", [{"executionSuccessful": True}])[0]
    notes = invocation.setdefault("toolExecutionNotifications", [])
    notes.append({"level": "warning", "message": {"text": _plain(reason)}})
    run["properties"] = {"partial": "; ".join(note["message"]["text"] for note in notes)}


def _rule(analysis: _Analysis, finding: Finding) -> dict[str, Any]:
    """The rule of a finding: from the rules table, else from what the finding itself says of it."""
    own = RULES.get(finding.code)
    rule = own or Rule(finding.code, "", finding.title, finding.severity, finding.remedy)
    level = _LEVELS[Severity(rule.severity)]
    tags = dict.fromkeys(("maintainability", finding.category or "maintainability"))
    return {
        "id": analysis.rule_id(rule.code),
        **({"name": "".join(word.capitalize() for word in rule.name.split("-"))} if own else {}),
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.remedy, "markdown": f"{rule.summary}\n\n**Remedy:** {rule.remedy}"}
        if own
        else {"text": rule.remedy or rule.summary},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": list(tags), "severity": rule.severity, "problem.severity": _PROBLEMS[level]},
    }


def _result(analysis: _Analysis, finding: Finding, indices: Mapping[str, int]) -> dict[str, Any]:
    return {
        "ruleId": analysis.rule_id(finding.code),
        "ruleIndex": indices[finding.code],
        "level": _LEVELS[finding.severity],
        "message": {"text": _plain(finding.message)},
        "locations": list(_locations(finding.location)),
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
        "properties": {
            "title": finding.title,
            "severity": finding.severity,
            "category": finding.category,
            "remedy": finding.remedy,
            "evidence": finding.evidence,
        },
    }


def _plain(text: str) -> str:
    """Text in which a reader of SARIF finds no embedded link (section 3.11.6 of the standard)."""
    return text.replace("](", "\\](")


def _locations(location: Location) -> Iterable[dict[str, Any]]:
    place: dict[str, Any] = {}
    if location.path:
        place["physicalLocation"] = _physical(location.path, location.line, location.column)
    if location.node_id:
        place["logicalLocations"] = [{"fullyQualifiedName": location.node_id, "kind": "function"}]
    if place:
        yield place


def _physical(path: str, line: int | None, column: int | None) -> dict[str, Any]:
    # A file name that is no UTF-8 holds surrogates, which have no place in a URI.
    artifact = {"uri": quote(path, errors="backslashreplace")}
    if not path.startswith("/"):
        artifact["uriBaseId"] = "%SRCROOT%"
    physical: dict[str, Any] = {"artifactLocation": artifact}
    if line and line > 0:
        region = {"startLine": line}
        if column and column > 0:
            region["startColumn"] = column
        physical["region"] = region
    return physical
