"""The gate as its user meets it: real commits, real processes, real verdicts."""

from __future__ import annotations

import json
import re

import pytest

PACKAGE = """
def parse(n):
    return sum(i * i for i in range({parse}))

def render(n):
    return "".join(str(i) for i in range({render}))
"""
TESTS = """
import pkg

def test_parse(benchmark):
    benchmark(pkg.parse, 1)

def test_render(benchmark):
    benchmark(pkg.render, 1)

def test_without_a_benchmark():
    assert pkg.render(5)
"""
TWO = "def test_a(benchmark):\n    benchmark(sum, [1])\n\ndef test_b(benchmark):\n    benchmark(sum, [2])\n"


@pytest.fixture
def pkg(project):
    project.write({"pkg/__init__.py": PACKAGE.format(parse=1000, render=500), "tests/test_pkg.py": TESTS})
    project.commit("good")
    return project


def test_a_real_slow_down_fails_the_run_and_nothing_else_does(pkg) -> None:
    pkg.write({"pkg/__init__.py": PACKAGE.format(parse=1800, render=500)})
    pkg.commit("slow", branch="head")
    result = pkg.gate()
    assert result.code == 1, result.output
    assert result.status("test_parse") == "CRITICAL"
    assert result.status("test_render") == "PASS"
    assert 60 < result.row("test_parse")["change_pct"] < 110
    assert result.row("test_parse")["notes"] == ["result differs"]
    assert "1 failed, 2 passed" in result.output
    assert "BEN001" in result.output


def test_junit_xml_has_the_verdict_and_nothing_of_the_machinery(pkg, tmp_path) -> None:
    pkg.commit("same", branch="head")
    pkg.gate("--maint-budget=0.1", "--maint-inconclusive=fail", f"--junitxml={tmp_path / 'junit.xml'}")
    written = (tmp_path / "junit.xml").read_text()
    assert "maint_benchmark" not in written
    assert re.search(r'failure message="[^"]*too few blocks measured[^"]*; BEN003"', written)


def test_xdist_hands_over_to_the_controller_and_a_speed_up_passes(pkg) -> None:
    pkg.write({"pkg/__init__.py": PACKAGE.format(parse=500, render=500)})
    pkg.commit("fast", branch="head")
    result = pkg.gate("-n", "2", "-k", "parse or without")
    assert result.code == 0, result.output
    assert result.status("test_parse") == "IMPROVED"
    assert [row["name"] for row in result.report["benchmarks"]] == ["tests/test_pkg.py::test_parse"]
    assert "2 passed" in result.output


def test_new_removed_and_dirty(pkg) -> None:
    pkg.git("checkout", "--quiet", "-b", "head")
    changed = TESTS.replace("test_parse(", "test_fresh(").replace("pkg.parse", "pkg.fresh")
    source = PACKAGE.format(parse=1000, render=500) + "\ndef fresh(n):\n    return n\n"
    pkg.write({"pkg/__init__.py": "# a comment\n" + source, "tests/test_pkg.py": changed})
    pkg.write({"tests/test_untracked.py": "def test_new(benchmark):\n    benchmark(sum, [1])\n"})
    result = pkg.gate("--maint-budget=3")
    assert result.code == 0, result.output
    assert result.report["head"]["dirty"] is True
    assert "+dirty" in result.output
    assert result.status("test_parse") == "REMOVED"
    assert result.status("test_new") != "NEW", "head's benchmark files drive both sides"
    assert "lacks" in result.row("test_fresh")["reason"]
    assert result.status("test_fresh") == "NEW"


def test_what_runs_the_same_code_is_not_timed(pkg) -> None:
    pkg.write({"pkg/__init__.py": "# a comment\n" + PACKAGE.format(parse=1001, render=500)})
    pkg.commit("parse alone changes", branch="head")
    result = pkg.gate("--maint-unaffected=skip", "--maint-budget=5")
    render = result.row("test_render")
    assert (render["status"], render["blocks"]) == ("PASS", 0)
    assert render["reason"].startswith("unaffected")
    assert result.row("test_parse")["blocks"] > 0


def test_a_changed_data_file_has_everything_timed(pkg) -> None:
    pkg.write({"pkg/table.csv": "1,2\n"})
    pkg.commit("data", branch="head")
    result = pkg.gate("--maint-unaffected=skip", "--maint-budget=0.1")
    assert not any(row["reason"].startswith("unaffected") for row in result.report["benchmarks"])
    assert "everything is timed: not only Python code changed (pkg/table.csv)" in result.output


@pytest.mark.parametrize(("option", "code"), [("pass", 0), ("fail", 1)])
def test_a_spent_budget_is_inconclusive_and_says_so(pkg, option: str, code: int) -> None:
    pkg.commit("same", branch="head")
    result = pkg.gate("--maint-budget=0.1", f"--maint-inconclusive={option}")
    assert result.code == code, result.output
    assert {row["status"] for row in result.report["benchmarks"]} == {"INCONCLUSIVE"}
    assert "budget of 0.1 s spent" in result.output


def test_a_worker_that_crashes_on_head_fails_that_benchmark_alone(project) -> None:
    crash = """
        import pkg
        calls = []
        def test_a(benchmark):
            benchmark(lambda: (calls.append(1), pkg.work(calls)))
        """
    project.write(
        {"pkg.py": "def work(calls):\n    return len(calls)\n", "test_a.py": TWO, "test_b.py": crash}
    )
    project.commit("good")
    end = "import os\ndef work(calls):\n    len(calls) > 9 and (os.write(2, b'last words'), os._exit(3))\n"
    project.write({"pkg.py": end})
    project.commit("crash", branch="head")
    result = project.gate("-s")
    assert result.code == 1, result.output
    crashed = result.row("test_b.py::test_a")
    assert crashed["status"] == "HEAD_ERROR"
    assert "exited with status 3" in crashed["reason"]
    assert "last words" in crashed["output"]
    assert result.status("test_a.py::test_a") == "PASS"


def test_a_selftest_measures_the_noise_floor_and_fails_nothing(pkg) -> None:
    pkg.write({"pkg/__init__.py": PACKAGE.format(parse=9000, render=500)})
    pkg.commit("slow, but not measured", branch="head")
    result = pkg.gate("--maint-selftest=main", "-k", "render")
    assert result.code == 0, result.output
    assert result.report["mode"] == "selftest"
    assert "noise floor" in result.output


def test_markers_set_thresholds_of_one_test(project) -> None:
    text = """
        import pkg, pytest
        @pytest.mark.maint_benchmark(warning=2, critical="400%")
        def test_a(benchmark):
            benchmark(pkg.work)
        """
    project.write({"pkg.py": "def work():\n    return sum(i for i in range(1000))\n", "test_a.py": text})
    project.commit("good")
    project.write({"pkg.py": "def work():\n    return sum(i for i in range(2000))\n"})
    project.commit("slow", branch="head")
    result = project.gate("--strict-markers", "-W", "error::pytest.PytestUnknownMarkWarning")
    assert result.code == 0, result.output
    row = result.row("test_a")
    assert row["status"] == "PASS"
    assert row["thresholds"] == {"warning": 2.0, "critical": 4.0}
    assert 70 < row["change_pct"] < 130


@pytest.mark.parametrize("arguments", ["criticl=1", "clock='sun'", "1"])
def test_a_wrong_marker_is_one_sentence(project, arguments: str) -> None:
    marker = f"@pytest.mark.maint_benchmark({arguments})"
    project.write({"test_a.py": f"import pytest\n{marker}\ndef test_a(benchmark):\n    pass\n"})
    project.commit()
    result = project.gate()
    assert result.code == 1
    assert "maint_benchmark" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("mode", ["-q", "-n2"])
def test_its_progress_begins_on_a_line_of_its_own(pkg, mode: str) -> None:
    pkg.commit("same", branch="head")
    output = pkg.gate("--maint-budget=0.1", mode).output
    assert re.search(r"^\.\.\.\s+\[100%\]$", output, re.MULTILINE)
    assert re.search(r"^maint: ", output, re.MULTILINE)


def test_a_stopped_session_is_not_judged(pkg) -> None:
    pkg.write({"tests/test_a_first.py": "def test_fails():\n    assert 0\n"})
    pkg.commit("broken", branch="head")
    result = pkg.gate("-x")
    assert result.code == 1
    assert result.report is None
    assert "benchmarks not judged: the session was stopped" in result.output


def test_collecting_only_measures_nothing(pkg) -> None:
    result = pkg.gate("--collect-only", "-q")
    assert result.code == 0
    assert result.report is None
    assert "maint:" not in result.output


def test_a_benchmark_that_fails_as_a_test_is_not_measured(pkg) -> None:
    call = "benchmark(pkg.parse, 1)"
    pkg.write({"tests/test_pkg.py": TESTS.replace(call, f"{call}; assert 0")})
    result = pkg.gate("--maint-budget=0.1")
    assert result.code == 1
    assert "not judged, since they did not pass as tests: tests/test_pkg.py::test_parse" in result.output
    assert [row["name"].split("::")[1] for row in result.report["benchmarks"]] == ["test_render"]


def test_without_benchmarks_the_gate_says_so(project) -> None:
    project.write({"test_a.py": "def test_a():\n    pass\n"})
    project.commit()
    result = project.gate()
    assert result.code == 0
    assert "no benchmarks" in result.output


def test_the_tests_own_session_calls_each_benchmark_once(project) -> None:
    text = """
        calls = []
        def test_a(benchmark):
            assert benchmark(lambda: calls.append(1)) is None
            assert len(calls) == 1
            assert benchmark.stats.stats.mean > 0
        """
    project.write({"test_a.py": text})
    project.commit()
    result = project.gate()
    assert "1 failed" in result.output, "the worker's many calls must fail the test there"
    assert result.row("test_a")["status"] == "HEAD_ERROR"
    assert "AssertionError" in result.row("test_a")["reason"]


def test_github_gets_annotations_and_a_summary(pkg, tmp_path) -> None:
    summary = tmp_path / "summary.md"
    pkg.commit("same", branch="head")
    result = pkg.gate("--maint-budget=0.1", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    assert "::notice" in result.output or "::warning" in result.output
    assert "INCONCLUSIVE" in summary.read_text()


def test_the_reports_are_where_they_were_asked_for(pkg, tmp_path) -> None:
    pkg.gate("--maint-budget=0.1", "--maint-out", str(tmp_path / "out"))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        ".gitignore",
        "baseline_results.json",
        "comparison_report.json",
        "findings.json",
        "findings.sarif",
        "pr_results.json",
        "report.html",
        "report.md",
    ]
    assert json.loads((tmp_path / "out/comparison_report.json").read_text())["schema"] == "maint.comparison/1"


def test_beside_the_report_of_the_session_the_gate_is_one_more_run(pkg) -> None:
    pkg.commit("same", branch="head")
    pkg.write({"tests/test_other.py": "def test_fails():\n    assert 0\n"})
    result = pkg.gate(
        "--maint-report", "--maint-budget=0.1", "--maint-inconclusive=fail", "-k", "parse or fails"
    )
    assert result.code == 1
    document = json.loads((pkg.root / ".maint/out/findings.json").read_text())
    assert {run["guardrail"]: run["partial"] for run in document["runs"]} == {
        "benchmark": "-k parse or fails",
        "tests": "-k parse or fails",
    }
    found = [(one["code"], one["location"]["node_id"].rpartition("::")[2]) for one in document["findings"]]
    assert found == [("BEN003", "test_parse"), ("TST001", "test_fails")]
    assert "maint: 2 findings; partial run (-k parse or fails); report: " in result.output
