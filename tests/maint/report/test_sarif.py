from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maint.findings import Finding, Location, Severity
from maint.report.documents import Run, json_bytes
from maint.report.sarif import MOST_RESULTS, MOST_RUNS, sarif_log
from maint.report.section import Section
from maint.rules.table import RULES

MakeFinding = Callable[..., Finding]
# The standard's schema, as the npm package @microsoft/jest-sarif 1.0.0-beta.0 carries it.
SCHEMA = json.loads((Path(__file__).parent / "samples" / "sarif-2.1.0-rtm.5.json").read_text("utf-8"))
OWN = tuple(RULES)


def finding(
    code: str = "BEN001",
    severity: Severity = Severity.CRITICAL,
    message: str = "test_a: slower; BEN001",
    **place: str | int,
) -> Finding:
    return Finding(
        code=code,
        severity=severity,
        category="performance",
        title="slower",
        message=message,
        location=msgspec.convert(place, Location),
        remedy="profile it",
        evidence={"change_pct": 31.0},
    )


def section(guardrail: str, *findings: Finding, codes: tuple[str, ...] = (), partial: str = "") -> Section:
    run = Run(guardrail=guardrail, version="0.1.0", codes=codes, partial=partial)
    return Section(run=run, findings=findings)


def check(log: dict[str, Any]) -> None:
    """The log as it is written, against the standard's schema."""
    jsonschema.Draft4Validator(SCHEMA).validate(json.loads(json_bytes(log)))


def run_of(*findings: Finding) -> dict[str, Any]:
    log = sarif_log([section("benchmark", *findings, codes=OWN)])
    check(log)
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


def test_the_schema_would_refuse_a_broken_log() -> None:
    log = sarif_log([section("benchmark", finding())])
    log["runs"][0]["results"][0]["level"] = "dreadful"
    with pytest.raises(jsonschema.ValidationError):
        check(log)


ANY_TEXT = st.text(st.characters(), max_size=15)
NUMBER = st.none() | st.integers(-1, 3)


@given(
    message=ANY_TEXT,
    title=ANY_TEXT,
    remedy=ANY_TEXT,
    code=ANY_TEXT | st.sampled_from(["BEN001", "ruff:F401"]),
    place=st.builds(
        Location, path=st.none() | ANY_TEXT, line=NUMBER, column=NUMBER, node_id=st.none() | ANY_TEXT
    ),
    guardrail=ANY_TEXT | st.just("ruff"),
    partial=ANY_TEXT,
)
def test_any_text_makes_a_valid_log(
    message: str, title: str, remedy: str, code: str, place: Location, guardrail: str, partial: str
) -> None:
    one = Finding(
        code=code,
        severity=Severity.LOW,
        category=title,
        title=title,
        message=message,
        location=place,
        remedy=remedy,
        evidence={"text": message},
    )
    check(sarif_log([section(guardrail, one, partial=partial)]))


def test_no_link_hides_in_a_message() -> None:
    (result,) = run_of(finding(message="see [here](javascript:x) and x[0](y)"))["results"]
    assert "](" not in result["message"]["text"].replace("\\](", "")


def test_another_tools_findings_are_under_its_name_and_its_own_codes(make_finding: MakeFinding) -> None:
    one = make_finding("medium", "ruff:F401", path="a.py", title="unused import", remedy="remove it")
    log = sarif_log([section("ruff", one, codes=("ruff:F401",))])
    check(log)
    (run,) = log["runs"]
    assert run["tool"]["driver"]["name"] == "ruff"
    (rule,) = run["tool"]["driver"]["rules"]
    assert (rule["id"], run["results"][0]["ruleId"]) == ("F401", "F401")
    assert (rule["shortDescription"]["text"], rule["help"]["text"]) == ("unused import", "remove it")


def test_a_guardrail_is_one_run_however_many_sessions_it_has(make_finding: MakeFinding) -> None:
    found = [make_finding(node_id=f"a.py::test_{n}", title=f"{n}") for n in range(2)]
    log = sarif_log(
        [
            section("tests", found[0], codes=OWN, partial="-k a"),
            section("benchmark", codes=OWN),
            section("tests", found[1], codes=OWN),
        ]
    )
    check(log)
    tests, benchmark = log["runs"]
    assert [run["automationDetails"]["id"] for run in log["runs"]] == ["maint/tests/", "maint/benchmark/"]
    assert [run["tool"]["driver"]["name"] for run in log["runs"]] == ["pytest-maint"] * 2
    assert len(tests["results"]) == 2
    assert benchmark["results"] == []
    assert notes(tests) == ["-k a"]
    assert "invocations" not in benchmark


def notes(run: dict[str, Any]) -> list[str]:
    return [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]


def test_what_is_over_the_limit_is_left_out_least_severe_first_and_counted(make_finding: MakeFinding) -> None:
    lows = [make_finding("low", path="a.py", line=n) for n in range(1, 5)]
    high = make_finding("high", path="z.py", line=9)
    log = sarif_log([section("tests", *lows, high, codes=OWN)], most=3)
    check(log)
    (run,) = log["runs"]
    assert [result["level"] for result in run["results"]] == ["error", "note", "note"]
    assert notes(run) == ["2 of 5 results left out, the least severe"]
    assert run["properties"]["partial"] == "2 of 5 results left out, the least severe"


def test_a_full_log_keeps_githubs_limits() -> None:
    found = [finding(path="src/a.py", line=n) for n in range(1, MOST_RESULTS + 2)]
    log = sarif_log([section("benchmark", *found)])
    assert len(log["runs"][0]["results"]) == MOST_RESULTS
    assert len(gzip.compress(json_bytes(log), 1)) < 10_000_000


def test_runs_over_the_limit_are_named(make_finding: MakeFinding) -> None:
    log = sarif_log([section(f"tool{n}", make_finding(path="a.py")) for n in range(MOST_RUNS + 2)])
    check(log)
    assert len(log["runs"]) == MOST_RUNS
    assert notes(log["runs"][0]) == ["more than 20 runs; left out: tool20, tool21"]
