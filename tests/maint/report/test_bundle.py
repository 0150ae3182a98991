"""What a session writes: one set of files for all guardrails."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from maint.errors import MaintError
from maint.findings import Finding, Location, Severity
from maint.report.bundle import claim, write_session
from maint.report.documents import Run
from maint.report.section import Section

NAMES = [".gitignore", "findings.json", "findings.sarif", "report.html", "report.md"]


def section(guardrail: str, code: str, **more: str) -> Section:
    finding = Finding(
        code=code,
        severity=Severity.HIGH,
        category=guardrail,
        title=f"{guardrail} fell short",
        message=f"{guardrail}: fell short; {code}",
        location=Location(path="a.py", line=3),
        remedy="mend it",
    )
    run = Run(guardrail=guardrail, version="0.1.0", codes=(code,))
    return Section(run=run, findings=(finding,), title=guardrail.capitalize(), **more)


TWO = [
    section("tests", "TST001"),
    section("benchmark", "BEN001", markdown="## Own part\n", html="<h2>Own part</h2>"),
]


def test_what_a_killed_session_left_is_swept_by_the_next(tmp_path: Path) -> None:
    for name, age in {".report.html.0123456789ab.tmp": 700, ".report.md.0123456789ab.tmp": 5}.items():
        (tmp_path / name).write_text("")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    claim(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {".gitignore", ".report.md.0123456789ab.tmp"}


def test_two_guardrails_make_one_set_of_files(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    for _ in range(2):
        assert write_session(TWO, out) == out / "report.html"
    assert sorted(path.name for path in out.iterdir()) == NAMES
    document = json.loads((out / "findings.json").read_text())
    assert [run["guardrail"] for run in document["runs"]] == ["tests", "benchmark"]
    assert [finding["code"] for finding in document["findings"]] == ["TST001", "BEN001"]
    log = json.loads((out / "findings.sarif").read_text())
    assert [run["automationDetails"]["id"] for run in log["runs"]] == ["maint/tests/", "maint/benchmark/"]
    for name in ("report.md", "report.html"):
        text = (out / name).read_text()
        assert "Own part" in text
        assert "tests: fell short" in text


def test_github_gets_the_summary(tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    write_session(TWO, tmp_path / "out", environ={"GITHUB_STEP_SUMMARY": str(summary)})
    assert summary.read_text() == (tmp_path / "out" / "report.md").read_text() + "\n"


def test_reports_do_not_make_a_tree_dirty(tmp_path: Path) -> None:
    claim(tmp_path / "out")
    assert (tmp_path / "out/.gitignore").read_text() == "*\n"


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file where the folder should be")
    for attempt in (lambda out: claim(out), lambda out: write_session(TWO, out)):
        with pytest.raises(MaintError, match=r"\.gitignore: cannot be written"):
            attempt(tmp_path / "out")
