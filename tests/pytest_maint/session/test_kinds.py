"""Every way a session can go wrong becomes the finding it should, on workers as in one process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Report = Callable[..., Any]

ONE_OF_EACH = {
    "test_call": """
        import lib

        def test_fails():
            lib.parse("x")

        def test_passes():
            pass
    """,
    "test_setup": """
        import pytest

        @pytest.fixture
        def connection():
            raise ConnectionError("refused by port 5432")

        def test_needs_it(connection):
            pass
    """,
    "test_teardown": """
        def test_cleans_up(request):
            request.addfinalizer(lambda: 1 / 0)
    """,
    "test_expected": """
        import pytest

        @pytest.mark.xfail(strict=True, reason="bug 7")
        def test_is_mended():
            pass

        @pytest.mark.xfail(strict=True)
        def test_fails_as_it_should():
            assert 0

        @pytest.mark.skip(reason="on Windows only")
        def test_is_skipped():
            assert 0
    """,
    "test_import": "import nothing_of_this_name",
    "test_syntax": "def test_is_no_python(:",
}
LIB = """
    def parse(text):
        return decode(text)


    def decode(text):
        raise ValueError(f"bad header {text!r} at byte 12")
"""


def test_each_kind_has_its_code_and_what_passes_has_none(
    pytester: pytest.Pytester, everywhere: Report
) -> None:
    pytester.makepyfile(lib=LIB, **ONE_OF_EACH)
    seen = everywhere("--continue-on-collection-errors")
    assert seen.result.ret == pytest.ExitCode.TESTS_FAILED
    assert seen.codes() == {
        "test_fails: ValueError": "TST001",
        "test_needs_it: ConnectionError at setup": "TST002",
        "test_cleans_up: ZeroDivisionError at teardown": "TST002",
        "test_is_mended: passes though expected to fail": "TST003",
        "test_import.py: cannot be collected (ModuleNotFoundError)": "TST004",
        "test_syntax.py: cannot be collected (SyntaxError)": "TST004",
    }
    tells_the_project_frame_that_raised_and_its_cause(seen.one("TST001"))
    tells_what_it_judged(seen.run)
    assert seen.last_line.startswith("maint: 6 findings; partial run (2 collection errors); report: ")


def tells_the_project_frame_that_raised_and_its_cause(finding: dict[str, Any]) -> None:
    assert finding["location"] == {"path": "test_call.py", "line": 3, "node_id": "test_call.py::test_fails"}
    assert finding["message"] == (
        "test_fails: ValueError: bad header 'x' at byte 12 at lib.py:6 in decode; TST001"
    )
    (attempt,) = finding["evidence"].pop("attempts")
    assert finding["evidence"] == {
        "exception": "ValueError",
        "message": "bad header 'x' at byte 12",
        "crash": {"path": "lib.py", "line": 6, "function": "decode"},
    }
    assert attempt.pop("duration_s") >= 0
    assert attempt == {
        "outcome": "failed",
        "when": "call",
        "exception": "ValueError",
        "message": "bad header 'x' at byte 12",
        "crash": {"path": "lib.py", "line": 6},
    }


def tells_what_it_judged(run: dict[str, Any]) -> None:
    assert run["guardrail"] == "tests"
    assert run["codes"] == ["TST001", "TST002", "TST003", "TST004", "TST005", "TST006"]
    assert sorted(name.partition("::")[2] for name in run["judged"]) == [
        "test_cleans_up",
        "test_fails",
        "test_fails_as_it_should",
        "test_is_mended",
        "test_needs_it",
        "test_passes",
    ]
    assert run["unjudged"] == {"test_expected.py::test_is_skipped": "skipped: on Windows only"}
    assert run["partial"] == "2 collection errors"


def test_a_green_session_has_no_finding_and_is_whole(pytester: pytest.Pytester, everywhere: Report) -> None:
    pytester.makepyfile("def test_one():\n    pass\n")
    seen = everywhere()
    assert seen.result.ret == 0
    assert (seen.findings, seen.run["partial"]) == ([], "")
    assert seen.last_line.startswith("maint: 0 findings; report: ")


def test_findings_are_the_same_from_run_to_run_and_on_workers(
    pytester: pytest.Pytester, report: Report
) -> None:
    pytester.makepyfile(
        """
        import os, pytest

        @pytest.mark.parametrize("n", [1, 2])
        def test_fails(n):
            raise RuntimeError(f"process {os.getpid()} at {id(object())}, {n}")

        def test_parts(subtests):
            for i in range(2):
                with subtests.test("part", i=i, name=str(i)):
                    assert not i
        """
    )
    prints = [{finding["fingerprint"] for finding in report(*mode).findings} for mode in ((), (), ("-n2",))]
    assert prints[0] == prints[1] == prints[2]
    assert len(prints[0]) == 3


def test_one_broken_fixture_under_two_hundred_tests_is_one_cause(
    pytester: pytest.Pytester, everywhere: Report
) -> None:
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture
        def database(request):
            raise ConnectionError(f"no database for {request.node.name!r} on port {id(request)}")
        """
    )
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("n", range(200))
        def test_row(n, database):
            pass
        """
    )
    seen = everywhere()
    assert len(seen.findings) == len({finding["fingerprint"] for finding in seen.findings}) == 200
    causes = {
        (finding["code"], finding["evidence"]["exception"], *finding["evidence"]["crash"].values())
        for finding in seen.findings
    }
    assert causes == {("TST002", "ConnectionError", "conftest.py", 5, "database")}


def test_subtests_are_findings_of_their_own(pytester: pytest.Pytester, everywhere: Report) -> None:
    pytester.makepyfile(
        """
        def test_parts(subtests):
            for i in range(4):
                with subtests.test("part", i=i):
                    assert i % 2, i
        """
    )
    seen = everywhere()
    assert set(seen.codes()) == {
        "test_parts [part] (i=0): AssertionError",
        "test_parts [part] (i=2): AssertionError",
    }
    assert len({finding["fingerprint"] for finding in seen.findings}) == 2


def test_unittest_and_doctests_are_tests_too(pytester: pytest.Pytester, everywhere: Report) -> None:
    pytester.makepyfile(
        test_cases='''
        import unittest

        class Cases(unittest.TestCase):
            def test_differs(self):
                self.assertEqual(1, 2)

            @unittest.expectedFailure
            def test_is_mended(self):
                pass

        def half(n):
            """
            >>> half(4)
            3
            """
            return n // 2
        '''
    )
    seen = everywhere("--doctest-modules")
    assert seen.codes() == {
        "Cases::test_differs: AssertionError": "TST001",
        "Cases::test_is_mended: passes though expected to fail": "TST003",
        "test_cases.half: DocTestFailure": "TST001",
    }
    (doctest,) = [finding for finding in seen.findings if "half" in finding["title"]]
    assert doctest["evidence"]["message"] == "expected '3', got '2'"
    assert doctest["evidence"]["crash"] == {
        "path": "test_cases.py",
        "line": 13,
        "function": "test_cases.half",
    }


def test_nothing_is_left_on_reports_for_junit(pytester: pytest.Pytester, everywhere: Report) -> None:
    pytester.makepyfile("def test_fails():\n    assert 0\n")
    everywhere("--junit-xml=junit.xml", "-o", "junit_family=xunit1")
    written = (pytester.path / "junit.xml").read_text("utf-8")
    assert "test_fails" in written
    assert "maint" not in written


def test_the_table_asks_for_it_and_the_flag_takes_it_back(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_one():\n    pass\n")
    pytester.makepyprojecttoml("[tool.maint.report]\nenabled = true\n")
    pytester.runpytest_inprocess("--no-maint-report")
    assert not (pytester.path / ".maint").exists()
    pytester.runpytest_inprocess()
    assert (pytester.path / ".maint/out/findings.json").exists()
