"""``findings.json`` comes back as it was written, each finding with the run that made it, and once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maint.findings import Finding, Location, Severity
from maint.readers.findings_json import document_of
from maint.readers.formats import read
from maint.readers.pytest_benchmark import Limits
from maint.readers.source import Source
from maint.report.documents import FindingsDocument, Run, json_bytes
from maint.report.section import Section

Read = Callable[..., list[Section]]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBER = st.none() | st.integers(1, 9)
LOCATIONS = st.builds(Location, path=st.none() | TEXT, line=NUMBER, column=NUMBER, node_id=st.none() | TEXT)
FINDINGS = st.builds(
    Finding,
    code=st.sampled_from(["BEN001", "TST001", "ruff:F401", "unheard-of"]),
    severity=st.sampled_from(Severity),
    category=TEXT,
    title=TEXT,
    message=TEXT,
    location=LOCATIONS,
    remedy=TEXT,
    evidence=st.dictionaries(TEXT, st.integers() | TEXT, max_size=2),
)
RUNS = st.builds(
    Run,
    guardrail=TEXT,
    version=TEXT,
    codes=st.sampled_from([("BEN001",), ("TST001", "TST002"), ("ruff:F401",), ()]),
    partial=TEXT,
    judged=st.lists(TEXT, max_size=3).map(tuple),
    unjudged=st.dictionaries(TEXT, TEXT, max_size=2),
)


def finding(code: str, title: str) -> Finding:
    return Finding(
        code=code,
        severity=Severity.LOW,
        category="c",
        title=title,
        message="m",
        location=Location(path="a.py"),
        remedy="r",
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    runs=st.lists(RUNS, min_size=1, max_size=3),
    findings=st.lists(FINDINGS, max_size=6, unique_by=lambda one: one.fingerprint),
)
def test_a_document_comes_back(runs: list[Run], findings: list[Finding], read_one: Read) -> None:
    written = FindingsDocument(runs=tuple(runs), findings=tuple(findings))
    again = document_of(read_one(json_bytes(written)))
    assert again.runs == written.runs
    assert sorted(map(msgspec.json.encode, again.findings)) == sorted(map(msgspec.json.encode, findings))


def test_a_finding_goes_to_the_run_that_could_raise_it(read_one: Read) -> None:
    runs = [
        Run(guardrail="tests", version="", codes=("TST001",)),
        Run(guardrail="b", version="", codes=("BEN001",)),
    ]
    written = FindingsDocument(
        runs=tuple(runs), findings=(finding("BEN001", "x"), finding("TST001", "y"), finding("OLD001", "z"))
    )
    tests, benchmark = read_one(json_bytes(written))
    assert [one.code for one in tests.findings] == ["TST001", "OLD001"]
    assert [one.code for one in benchmark.findings] == ["BEN001"]


def test_what_two_files_report_is_one_finding(tmp_path: Path) -> None:
    def source(name: str, *titles: str) -> Source:
        run = Run(guardrail="tests", version="", codes=("TST001",))
        found = tuple(finding("TST001", title) for title in titles)
        return Source(name, json_bytes(FindingsDocument(runs=(run,), findings=found)), tmp_path)

    sections = read([source("py311", "a", "b"), source("py313", "b", "c", "c")], Limits(0.1, 0.2))
    assert [[one.title for one in section.findings] for section in sections] == [["a", "b"], ["c"]]
