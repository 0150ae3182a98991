from __future__ import annotations

import json
from pathlib import Path

import pytest

from maint.errors import MaintError
from maint.regression.bundle import run_of, section_of, write_results
from maint.regression.comparison import Comparison, Verdict
from maint.regression.findings import findings_of

NAMES = ["comparison_report.json", "baseline_results.json", "pr_results.json"]


@pytest.mark.parametrize("kind", ["ordinary", "hostile"])
def test_three_files_are_written_and_nothing_else(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    comparison: Comparison = request.getfixturevalue(kind)
    out = tmp_path / ".maint" / "out"
    for _ in range(2):
        written = write_results(comparison, out)
    assert [path.name for path in written] == NAMES
    assert sorted(out.iterdir()) == sorted([*written, out / ".gitignore"])
    for path in written:
        content = path.read_text("utf-8")
        assert content.endswith("\n")
        json.loads(content)


def test_the_section_holds_both_parts_and_every_finding(ordinary: Comparison) -> None:
    findings = findings_of(ordinary)
    section = section_of(ordinary, findings)
    assert section.findings == tuple(findings)
    assert section.run == run_of(ordinary)
    assert section.title == "Benchmarks against main"
    assert section.html.startswith("<h2")
    assert section.markdown.startswith("## Benchmarks: ")


def test_the_comparison_carries_what_tools_read(tmp_path: Path, ordinary: Comparison) -> None:
    write_results(ordinary, tmp_path)
    report = json.loads((tmp_path / "comparison_report.json").read_text())
    assert report["schema"] == "maint.comparison/1"
    assert report["baseline"]["commit"] == ordinary.baseline.commit
    assert report["head"]["dirty"] is True
    worst = report["benchmarks"][1]
    assert worst["name"] == "tests/bench/test_parse.py::test_parse[large]"
    assert worst["status"] == "CRITICAL"
    assert worst["ci_pct"] == [29.2, 33.2]


def test_samples_and_machine_reach_the_results_of_their_side(tmp_path: Path, ordinary: Comparison) -> None:
    name = ordinary.benchmarks[0].name
    write_results(
        ordinary,
        tmp_path,
        machine_info={"node": "box"},
        commit_infos={"head": {"branch": "topic"}},
        samples={"baseline": {name: [1.0]}, "head": {name: [2.0]}},
    )
    for file, sample, branch in (("baseline_results.json", 1.0, "main"), ("pr_results.json", 2.0, "topic")):
        results = json.loads((tmp_path / file).read_text())
        assert results["machine_info"] == {"node": "box"}
        assert results["commit_info"]["branch"] == branch
        assert results["benchmarks"][0]["stats"]["data"] == [sample]


def test_the_run_tells_judged_from_not_judged(ordinary: Comparison) -> None:
    run = run_of(ordinary)
    rows = {row.name: row for row in ordinary.benchmarks}
    assert {rows[name].status for name in run.judged} == {
        Verdict.CRITICAL,
        Verdict.WARNING,
        Verdict.HEAD_ERROR,
        Verdict.IMPROVED,
        Verdict.PASS,
    }
    assert len(run.judged) + len(run.unjudged) == len(rows)
    assert (
        run.unjudged["tests/bench/test_io.py::test_fetch"] == "INCONCLUSIVE: about 40 s more would settle it"
    )
    assert run.unjudged["tests/bench/test_io.py::test_gone"] == "REMOVED"


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path: Path, ordinary: Comparison) -> None:
    (tmp_path / "out").write_text("a file where the folder should be")
    with pytest.raises(MaintError, match=r"\.gitignore: cannot be written"):
        write_results(ordinary, tmp_path / "out")
