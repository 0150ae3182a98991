"""The entry point: options and markers are there, a bad table stops the run, a good one does not."""

from __future__ import annotations

import pytest

from maint.options.table import OPTIONS


@pytest.fixture(autouse=True)
def one_test(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    # where it is installed, pytest-asyncio warns in every project that does not configure it
    # and beside xdist, pytest-rerunfailures opens a listener for each session and never closes it
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:asyncio -p no:rerunfailures")
    pytester.makepyfile(test_one="def test_one():\n    pass\n")


def test_help_shows_every_flag_of_the_table(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("--help")
    text = result.stdout.str()
    assert result.ret == 0
    assert [option.flag for option in OPTIONS if option.flag and option.flag not in text] == []


def test_the_marker_is_registered_with_the_arguments_a_test_may_give(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.maint_benchmark(warning=, critical=, clock=, gc=)*"])


def test_a_bad_table_stops_the_run_with_all_problems_and_exit_4(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml("[tool.maint.benchmark]\nwarnnig = 0.1\ncritical = -1\n")
    result = pytester.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["*unknown key 'warnnig'; did you mean 'warning'?", "*critical = -1: must be over 0"]
    )
    result.stdout.no_fnmatch_line("*passed*")
    assert "Traceback" not in result.stderr.str()


def test_a_bad_flag_is_said_with_the_table_and_without_a_traceback(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml("[tool.maint]\noutt = 'x'\n")
    result = pytester.runpytest("--maint-baseline-at", "root")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*unknown key 'outt'*", "*--maint-baseline-at = 'root': expected one of*"])


def test_a_good_table_does_not_disturb(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml("[tool.maint.benchmark]\nwarning = '5%'\ncopy = ['data/**']\n")
    pytester.runpytest().assert_outcomes(passed=1)


def test_a_table_elsewhere_than_the_root_directory_is_not_ours(pytester: pytest.Pytester) -> None:
    below = pytester.mkdir("below")
    (below / "pyproject.toml").write_text("[tool.maint]\nzzz = 1\n", encoding="utf-8")
    pytester.runpytest("--rootdir", str(pytester.path)).assert_outcomes(passed=1)


def test_workers_leave_the_table_to_the_controller(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml("[tool.maint]\nout = 'reports'\n")
    pytester.runpytest("-n1", "-p", "xdist").assert_outcomes(passed=1)
