from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec
import pytest

from maint.findings import Finding, Location, Severity
from maint.report.sarif import sarif_log
from maint.rules.table import RULES


def finding(code: str = "BEN001", severity: Severity = Severity.CRITICAL, **place: str | int) -> Finding:
    return Finding(
        code=code,
        severity=severity,
        category="performance",
        title="slower",
        message="test_a: slower; BEN001",
        location=msgspec.convert(place, Location),
        remedy="profile it",
        evidence={"change_pct": 31.0},
    )


def run_of(*findings: Finding) -> dict[str, Any]:
    log = sarif_log(findings, guardrail="benchmark", version="0.1.0")
    assert log["version"] == "2.1.0"
    assert "sarif-schema-2.1.0" in log["$schema"]
    (run,) = log["runs"]
    return dict(run)


def test_every_result_points_at_its_rule() -> None:
    run = run_of(
        finding("BEN002", path="a.py"), finding("BEN001", path="a.py"), finding("BEN002", path="b.py")
    )
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["BEN001", "BEN002"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


@pytest.mark.parametrize("code", sorted(RULES))
def test_every_rule_has_help(code: str) -> None:
    (rule,) = run_of(finding(code))["tool"]["driver"]["rules"]
    assert rule["help"]["text"] == RULES[code].remedy
    assert rule["shortDescription"]["text"] == RULES[code].summary
    assert rule["name"].isalnum()


@pytest.mark.parametrize(
    ("severity", "level"),
    [("critical", "error"), ("high", "error"), ("medium", "warning"), ("low", "note"), ("info", "note")],
)
def test_severities_become_levels(severity: str, level: str) -> None:
    assert run_of(finding(severity=Severity(severity)))["results"][0]["level"] == level


@pytest.mark.parametrize("path", ["tests/a.py", "with space/100%.py", "größe#1?.py", "a:b.py"])
def test_paths_are_relative_uris(path: str) -> None:
    place = run_of(finding(path=path, line=7, column=2))["results"][0]["locations"][0]["physicalLocation"]
    uri = urlsplit(place["artifactLocation"]["uri"])
    assert (uri.scheme, uri.netloc, uri.query, uri.fragment) == ("", "", "", "")
    assert unquote(uri.path) == path
    assert place["region"] == {"startLine": 7, "startColumn": 2}


def test_a_finding_without_a_line_has_no_region_and_one_without_a_place_no_location() -> None:
    first, second = run_of(finding(path="a.py", node_id="a.py::test_a"), finding())["results"]
    assert "region" not in first["locations"][0]["physicalLocation"]
    assert first["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "a.py::test_a"
    assert second["locations"] == []


def test_fingerprints_carry_over() -> None:
    one = finding(node_id="a.py::test_a")
    assert run_of(one)["results"][0]["partialFingerprints"] == {"maint/v1": one.fingerprint}
