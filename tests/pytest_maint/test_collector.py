"""One report a session, whoever has something to say; and what happens when it cannot be written."""

from __future__ import annotations

import json
import shlex

import pytest

GUARDRAIL = """
    import pytest
    from maint.report.documents import Run
    from maint.report.section import Section
    from pytest_maint.collector import collector

    def pytest_configure(config):
        if not hasattr(config, "workerinput"):
            collector(config)

    def pytest_sessionfinish(session):
        if not hasattr(session.config, "workerinput"):
            run = Run(guardrail="ports", version="1", codes=())
            collector(session.config).add(Section(run=run, title="Ports"))
"""
SABOTAGE = """
    import pathlib, shutil

    def test_one():
        shutil.rmtree(".maint")
        pathlib.Path(".maint").write_text("in the way")
"""


@pytest.fixture(autouse=True)
def plain(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    # beside xdist, pytest-rerunfailures opens a listener for each session and never closes it
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:asyncio -p no:cacheprovider -p no:rerunfailures")
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    pytester.makepyfile("def test_one():\n    pass\n")


@pytest.mark.parametrize("mode", [(), ("-n1",)], ids=["serial", "xdist"])
def test_all_guardrails_share_one_report(pytester: pytest.Pytester, mode: tuple[str, ...]) -> None:
    pytester.makeconftest(GUARDRAIL)
    pytester.runpytest_inprocess("--maint-report", "--maint-out=reports", *mode)
    document = json.loads((pytester.path / "reports/findings.json").read_text())
    assert sorted(run["guardrail"] for run in document["runs"]) == ["ports", "tests"]


def test_a_session_without_a_section_writes_none(pytester: pytest.Pytester) -> None:
    pytester.runpytest_inprocess("--maint-out=reports").assert_outcomes(passed=1)
    assert not (pytester.path / "reports").exists()


@pytest.mark.parametrize("listing", ["--fixtures", "--markers", "--help", "--version"])
def test_a_listing_is_no_session(pytester: pytest.Pytester, listing: str) -> None:
    pytester.makeconftest(GUARDRAIL)
    pytester.runpytest_inprocess("--maint-report", listing)
    assert not (pytester.path / ".maint").exists()


def test_it_works_without_a_terminal(pytester: pytest.Pytester) -> None:
    assert pytester.runpytest_inprocess("--maint-report", "-p", "no:terminal").ret == 0
    assert (pytester.path / ".maint/out/report.html").exists()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("--collect-only", "--collect-only"),
        ("--co", "--collect-only"),
        ("--setup-plan", "--setup-plan"),
        ("--setup-only", "--setup-only"),
        ("--fixtures", "--fixtures"),
        ("--markers", ""),
    ],
)
def test_a_session_that_runs_no_test_leaves_the_report_of_the_last_one(
    pytester: pytest.Pytester, given: str, named: str
) -> None:
    pytester.makepyfile("def test_one():\n    assert 0\n")
    pytester.makeconftest(GUARDRAIL)
    pytester.runpytest_inprocess("--maint-report")
    written = {path.name: path.read_bytes() for path in (pytester.path / ".maint/out").iterdir()}
    pytester.makepyfile(test_broken="import nothing_of_this_name")
    result = pytester.runpytest_inprocess("--maint-report", given)
    assert {path.name: path.read_bytes() for path in (pytester.path / ".maint/out").iterdir()} == written
    said = [line for line in result.outlines if line.startswith("maint: ")]
    assert said == ([f"maint: {named} runs no test, so no report is written"] if named else [])


def test_a_dry_session_does_not_even_make_the_folder(pytester: pytest.Pytester) -> None:
    pytester.runpytest_inprocess("--maint-report", "--collect-only")
    assert not (pytester.path / ".maint").exists()


def test_a_folder_that_cannot_be_written_stops_before_the_first_test(pytester: pytest.Pytester) -> None:
    (pytester.path / ".maint").write_text("in the way")
    result = pytester.runpytest_inprocess("--maint-report")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: *cannot be written (*); make the folder writable or choose another*"]
    )
    result.stdout.no_fnmatch_line("*passed*")
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


@pytest.mark.parametrize(
    ("last", "code"),
    [("", pytest.ExitCode.USAGE_ERROR), ("\n        assert 0", pytest.ExitCode.TESTS_FAILED)],
)
def test_a_folder_lost_on_the_way_is_said_beside_the_results(
    pytester: pytest.Pytester, last: str, code: pytest.ExitCode
) -> None:
    pytester.makepyfile(SABOTAGE + last)
    result = pytester.runpytest_inprocess("--maint-report")
    assert result.ret == code
    result.stdout.fnmatch_lines(["ERROR: *cannot be written*", "*1 *ed in*"])
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize("mode", [(), ("-n1",)], ids=["serial", "xdist"])
def test_a_report_that_only_a_marker_brings_fails_nothing(
    pytester: pytest.Pytester, mode: tuple[str, ...]
) -> None:
    (pytester.path / ".maint").write_text("in the way")
    pytester.makepyfile("""
        import pytest

        @pytest.mark.vram_budget("1GiB")
        def test_one():
            pass

        def test_two():
            pass
    """)
    result = pytester.runpytest_inprocess(*mode)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["maint: no report: *.gitignore: cannot be written (*); make *"])


def test_on_github_findings_are_annotations_and_the_report_is_the_summary(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(pytester.path / "summary.md"))
    pytester.makepyfile("def test_one():\n    assert 0\n")
    result = pytester.runpytest_inprocess("--maint-report")
    result.stdout.fnmatch_lines(
        ["::error file=test_on_github*.py,line=1,title=test_one%3A AssertionError::*"]
    )
    assert "AssertionError" in (pytester.path / "summary.md").read_text()


def test_the_command_repeats_the_session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_ADDOPTS")
    below = pytester.mkdir("below")
    monkeypatch.chdir(below)
    given = ("-p", "no:asyncio", "--maint-report", "-k", "one or two", "--rootdir", str(pytester.path), "..")
    pytester.runpytest_inprocess(*given)
    run = json.loads((pytester.path / ".maint/out/findings.json").read_text())["runs"][0]
    assert run["command"] == f"cd below && {shlex.join(('pytest', *given))}"
    assert run["partial"] == ""


def test_secrets_on_the_command_line_are_reported_nowhere(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:asyncio --api-token s3cret --db-url=postgres://u:s3cret@h/db")
    pytester.makeconftest(
        GUARDRAIL
        + """
    def pytest_addoption(parser):
        parser.addoption("--api-token")
        parser.addoption("--db-url")
        """
    )
    pytester.runpytest_inprocess("--maint-report", "--db-url=postgres://me:s3cret@h/db", "--api-token=s3cret")
    out = pytester.path / ".maint/out"
    addopts = "-p no:asyncio --api-token '***' '--db-url=postgres://***@h/db'"
    recorded = {run["command"] for run in json.loads((out / "findings.json").read_text())["runs"]}
    assert recorded == {
        f"PYTEST_ADDOPTS={shlex.quote(addopts)} "
        "pytest --maint-report '--db-url=postgres://***@h/db' '--api-token=***'"
    }
    assert [path.name for path in out.iterdir() if b"s3cret" in path.read_bytes()] == []


@pytest.mark.parametrize("blank", ["", " ", "\n"])
def test_blank_options_of_the_environment_are_no_part_of_the_command(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, blank: str
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", blank)
    pytester.runpytest_inprocess("--maint-report", "-p", "no:asyncio")
    run = json.loads((pytester.path / ".maint/out/findings.json").read_text())["runs"][0]
    assert run["command"] == "pytest --maint-report -p no:asyncio"
