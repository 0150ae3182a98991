"""Who measures: pytest-cov, ``coverage run``, or our own tracing; each line that ran is counted, once."""

from __future__ import annotations

import os
import sys

import pytest

EVERYTHING = "coverage 100.00 % (9 of 9 statements and branches)"
SUBPROCESS = """\
import os, subprocess, sys

import parity


def test_parity():
    assert parity.parity(1) + parity.parity(2) == "oddeven"


def test_elsewhere():
    code = "import sys; sys.path.insert(0, 'src'); import parity; parity.halve(4)"
    subprocess.run([sys.executable, "-c", code], check=True)
"""
STRICT = ('filterwarnings = ["error"]',)
WORKERS = pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["serial", "n2"])


def test_import_lines_of_what_a_conftest_file_imports_are_seen(project):
    project.write("conftest.py", "import sys\nsys.path.insert(0, 'src')\nimport parity\n")
    project.configure("branch = true")
    assert project.pytest("--maint-cov").section[0] == EVERYTHING


@WORKERS
def test_subprocesses_are_measured_with_coverages_patch(project, workers):
    project.write("tests/test_parity.py", SUBPROCESS)
    project.configure("branch = true", 'patch = ["subprocess"]', pytest=STRICT)
    assert project.pytest("--maint-cov", *workers).section[0] == EVERYTHING
    assert project.data_files() == {".coverage"}
    assert list(project.temporary.glob("maint-coverage*")) == []


def test_the_data_file_holds_what_was_judged(project):
    project.write("tests/test_parity.py", "import parity\ndef test_one():\n    parity.parity(1)\n")
    ran = project.pytest("--maint-cov")
    assert ran.section[0] == "coverage 57.14 % (4 of 7 statements)"
    assert "src/parity.py       7      3    57%" in project.coverage("report").out


@WORKERS
def test_pytest_cov_measures_where_it_is_asked_to(project, workers):
    project.write("tests/test_parity.py", SUBPROCESS)
    project.configure("branch = true", 'patch = ["subprocess"]')
    ran = project.pytest("--maint-cov", "--cov", "--cov-report=term", *workers)
    assert (ran.code, ran.section[0]) == (0, EVERYTHING)
    assert "src/parity.py       7      0      2      0   100%" in ran.out
    assert project.data_files() == {".coverage"}


@WORKERS
def test_coverage_run_measures_where_it_runs_pytest(project, workers):
    """Its data is whole afterwards, also where reports map paths."""
    project.configure("branch = true", "[tool.coverage.paths]", 'all = ["src", "lib"]')
    ran = project.pytest("--maint-cov", *workers, under=("coverage", "run", "-m"))
    assert (ran.code, ran.section[0]) == (0, EVERYTHING)
    assert project.coverage("report", "--format=total").out.strip() == "100"


def test_data_that_an_earlier_run_left_is_not_counted(project):
    project.configure("parallel = true")
    project.pytest(under=("coverage", "run", "-m"))
    (old,) = project.root.glob(".coverage.*")
    os.utime(old, (1, 1))
    project.write("tests/test_parity.py", "def test_nothing():\n    pass\n")
    ran = project.pytest("--maint-cov", under=("coverage", "run", "-m"))
    assert "0.00 %" in ran.section[0]


def test_a_core_that_cannot_measure_turns_strict_warnings_not_red(project):
    project.configure("branch = true", 'core = "sysmon"', pytest=STRICT)
    ran = project.pytest("--maint-cov", "-W", "error")
    assert (ran.code, ran.section[0]) == (0, EVERYTHING)


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="there it can measure branches")
def test_a_core_that_cannot_measure_is_refused(project):
    project.configure("branch = true", maint=('core = "sysmon"',))
    ran = project.pytest("--maint-cov")
    assert ran.code == 4
    assert "coverage.core = 'sysmon'" in ran.out


def test_what_coverage_warns_of_is_said_with_the_verdict(project):
    project.write("tests/test_trace.py", "import sys\ndef test_trace():\n    sys.settrace(None)\n")
    project.configure("branch = true", pytest=STRICT, maint=('core = "pytrace"',))
    ran = project.pytest("--maint-cov")
    assert "coverage warns: Trace function changed" in "\n".join(ran.section)


def test_settings_that_coverage_refuses_are_a_sentence(project):
    project.configure('dynamic_context = "sometimes"')
    ran = project.pytest("--maint-cov")
    assert ran.code == 4
    assert "sometimes" in ran.out
    assert "Traceback" not in ran.out
