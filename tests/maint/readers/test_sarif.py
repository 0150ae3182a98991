"""SARIF as ruff, bandit and semgrep write it, and what the standard allows besides."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maint.findings import Severity
from maint.report.section import Section

Read = Callable[..., list[Section]]
SAMPLES = Path(__file__).parent / "samples"


def ruff(root: Path) -> bytes:
    program = shutil.which("ruff", path=sysconfig.get_path("scripts"))
    if program is None:
        pytest.skip("ruff is not installed beside this Python")
    command = [program, "check", "--isolated", "--no-cache", "--select=E,F,B", "--output-format=sarif", "."]
    return subprocess.run(command, cwd=root, capture_output=True, check=False).stdout


def bandit(root: Path) -> bytes:
    command = [sys.executable, "-m", "bandit", "--quiet", "--format=sarif", "--recursive", "."]
    return subprocess.run(command, cwd=root, capture_output=True, check=False).stdout


def log(*results: dict[str, Any], name: str = "Other Tool", **run: Any) -> bytes:
    rules = [{"id": "R1", "shortDescription": {"text": "a rule"}, "helpUri": "https://x.test/R1"}]
    driver = {"name": name, "version": "7", "rules": rules}
    return json.dumps(
        {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": list(results), **run}]}
    ).encode()


def result(**more: Any) -> dict[str, Any]:
    place = {"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 4}}}
    return {"ruleId": "R1", "message": {"text": "it is so"}, "locations": [place], **more}


def test_ruffs_log_is_read(untidy: Path, read_one: Read) -> None:
    (section,) = read_one(ruff(untidy), untidy)
    assert section.run.guardrail == "ruff"
    assert section.run.version
    found = {one.code: one for one in section.findings}
    assert {"ruff:F401", "ruff:F821", "ruff:B006", "ruff:E401"} <= found.keys()
    # ruff calls everything an error; an unused import is none.
    assert found["ruff:F821"].severity is Severity.HIGH
    assert found["ruff:F401"].severity is Severity.MEDIUM
    assert found["ruff:E401"].severity is Severity.LOW
    assert found["ruff:F821"].location.path == "pkg/bad file.py"
    assert found["ruff:F821"].location.line == 6
    assert "https://docs.astral.sh/ruff/rules/" in found["ruff:F401"].remedy


def test_bandits_log_is_read(untidy: Path, read_one: Read) -> None:
    (section,) = read_one(bandit(untidy), untidy)
    found = {one.code: one for one in section.findings}
    assert section.run.guardrail == "bandit"
    assert found["bandit:B602"].severity is Severity.HIGH
    assert found["bandit:B404"].severity is Severity.LOW
    assert found["bandit:B602"].category == "security"
    assert found["bandit:B602"].location.path == "pkg/bad file.py"


def test_semgreps_log_is_read(read_one: Read) -> None:
    (section,) = read_one((SAMPLES / "semgrep.sarif").read_bytes())
    assert section.run.guardrail == "semgrep-oss"
    assert sorted((one.severity, one.location.path, one.location.line) for one in section.findings) == [
        ("high", "pkg/bad.py", 5),
        ("medium", "pkg/bad.py", 4),
        ("medium", "pkg/bad.py", 8),
    ]
    assert len({one.fingerprint for one in section.findings}) == 3


def test_what_is_suppressed_passed_or_gone_is_no_finding(read_one: Read) -> None:
    gone = (
        result(suppressions=[{"kind": "inSource"}]),
        result(suppressions=[{"kind": "external", "status": "accepted"}]),
        result(kind="pass"),
        result(baselineState="absent"),
    )
    here = result(suppressions=[{"kind": "external", "status": "rejected"}], message={"text": "here"})
    assert [one.message for one in read_one(log(*gone, here))[0].findings] == ["here"]


@pytest.mark.parametrize(
    ("given", "severity"),
    [
        ({"level": "error"}, "high"),
        ({"level": "warning"}, "medium"),
        ({"level": "note"}, "low"),
        ({"level": "none"}, "info"),
        ({}, "medium"),
    ],
)
def test_levels_become_severities(given: dict[str, str], severity: str, read_one: Read) -> None:
    assert read_one(log(result(**given)))[0].findings[0].severity == severity


@pytest.mark.parametrize(
    ("score", "severity"), [("9.8", "critical"), (7, "high"), ("4.0", "medium"), (1, "low")]
)
def test_a_security_score_decides_over_the_level(score: object, severity: str, read_one: Read) -> None:
    document = json.loads(log(result(level="note")))
    document["runs"][0]["tool"]["driver"]["rules"][0]["properties"] = {"security-severity": score}
    (finding,) = read_one(json.dumps(document).encode())[0].findings
    assert (finding.severity, finding.category) == (severity, "security")


def test_the_tools_own_fingerprint_is_the_identity(read_one: Read) -> None:
    def identity(**more: Any) -> str:
        return read_one(log(result(**more)))[0].findings[0].fingerprint

    def hashed(value: str, text: str = "x") -> str:
        return identity(partialFingerprints={"primaryLocationLineHash": value}, message={"text": text})

    assert hashed("39fa2ee980eb94b0:1", "one wording") == hashed("39fa2ee980eb94b0:1", "another wording")
    assert hashed("39fa2ee980eb94b0:1") != hashed("39fa2ee980eb94b0:2")
    # What semgrep writes where a fingerprint would be is none.
    assert identity(fingerprints={"matchBasedId/v1": "requires login"}) == identity()


def test_rules_of_extensions_placeholders_and_bases_are_resolved(read_one: Read) -> None:
    document = json.loads(log())
    run = document["runs"][0]
    rule = {"id": "X9", "name": "Nine", "messageStrings": {"m": {"text": "{0} is {1}, not {7}"}}}
    run["tool"]["extensions"] = [{"name": "pack", "rules": [rule]}]
    run["originalUriBaseIds"] = {"SRC": {"uri": "file:///repo%20x/"}}
    run["artifacts"] = [{"location": {"uri": "src/a%23b.py", "uriBaseId": "SRC"}}]
    run["results"] = [
        {
            "rule": {"index": 0, "toolComponent": {"index": 0}},
            "message": {"id": "m", "arguments": ["red", "bad"]},
            "locations": [{"physicalLocation": {"artifactLocation": {"index": 0}}}],
        }
    ]
    (section,) = read_one(json.dumps(document).encode(), Path("/repo x"))
    (finding,) = section.findings
    assert finding.code == "other-tool:X9"
    assert finding.title == "Nine"
    assert finding.message == "red is bad, not {7}"
    assert finding.location.path == "src/a#b.py"


def test_a_run_that_failed_is_partial(read_one: Read) -> None:
    assert read_one(log(invocations=[{"executionSuccessful": True}]))[0].run.partial == ""
    assert "did not succeed" in read_one(log(invocations=[{"executionSuccessful": False}]))[0].run.partial
