"""``findings.sarif``: findings as SARIF 2.1.0 (OASIS Standard, 27 March 2020) for code scanning services."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from maint.findings import Finding, Location, Severity
from maint.rules.rule import Rule
from maint.rules.table import RULES

SCHEMA_URI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}


def sarif_log(findings: Sequence[Finding], *, guardrail: str, version: str) -> dict[str, Any]:
    """Return the SARIF log of one run as plain data.

    ``guardrail`` names the analysis (``automationDetails``), so that uploads of several guardrails do not
    close one another's alerts.
    """
    codes = sorted({finding.code for finding in findings})
    rules = [_rule(RULES[code]) if code in RULES else {"id": code} for code in codes]
    return {
        "$schema": SCHEMA_URI,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "pytest-maint", "semanticVersion": version, "rules": rules}},
                "automationDetails": {"id": f"maint/{guardrail}/"},
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, codes) for finding in findings],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.remedy, "markdown": f"{rule.summary}\n\n**Remedy:** {rule.remedy}"},
        "defaultConfiguration": {"level": _LEVELS[Severity(rule.severity)]},
        "properties": {"tags": ["maintainability"], "severity": rule.severity},
    }


def _result(finding: Finding, codes: Sequence[str]) -> dict[str, Any]:
    return {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": list(_locations(finding.location)),
        "partialFingerprints": {"maint/v1": finding.fingerprint},
        "properties": {"title": finding.title, "severity": finding.severity, "evidence": finding.evidence},
    }


def _locations(location: Location) -> Iterable[dict[str, Any]]:
    place: dict[str, Any] = {}
    if location.path:
        place["physicalLocation"] = _physical(location.path, location.line, location.column)
    if location.node_id:
        place["logicalLocations"] = [{"fullyQualifiedName": location.node_id, "kind": "function"}]
    if place:
        yield place


def _physical(path: str, line: int | None, column: int | None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(path), "uriBaseId": "%SRCROOT%"}}
    if line:
        physical["region"] = {"startLine": line, **({"startColumn": column} if column else {})}
    return physical
