"""A rerun does not hide the first failure, whichever plugin reruns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Report = Callable[..., Any]

FLAKY = """
    import pathlib

    def attempt():
        counter = pathlib.Path(__file__).with_name("attempts")
        seen = len(counter.read_text()) if counter.exists() else 0
        counter.write_text("x" * (seen + 1))
        return seen

    def test_settles():
        if attempt() < 2:
            raise TimeoutError("no answer in 3 s")
"""
# Reruns as some plugins do: nothing of the failed attempts is ever logged.
SILENT = """
    import pytest
    from _pytest.runner import runtestprotocol

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(item, nextitem):
        for _ in range(3):
            reports = runtestprotocol(item, nextitem=nextitem, log=False)
            if not any(report.failed for report in reports):
                break
        for report in reports:
            item.ihook.pytest_runtest_logreport(report=report)
        return True
"""


RERUNS = ("-p", "rerunfailures", "--reruns")


def outcomes(finding: dict[str, Any]) -> list[tuple[str, str]]:
    return [(attempt["outcome"], attempt["when"]) for attempt in finding["evidence"]["attempts"]]


def test_a_test_that_passes_on_a_rerun_is_a_finding(pytester: pytest.Pytester, everywhere: Report) -> None:
    pytester.makepyfile(FLAKY)
    seen = everywhere(*RERUNS, "3")
    assert seen.result.ret == 0
    (finding,) = seen.findings
    assert finding["code"] == "TST005"
    assert finding["title"] == "test_settles: failed with TimeoutError, then passed on a rerun"
    assert finding["evidence"]["exception"] == "TimeoutError"
    assert finding["evidence"]["crash"]["function"] == "test_settles"
    assert outcomes(finding) == [("failed", "call"), ("failed", "call"), ("passed", "call")]
    assert seen.run["judged"] == [finding["location"]["node_id"]]


def test_the_same_test_without_a_failure_is_none(pytester: pytest.Pytester, everywhere: Report) -> None:
    pytester.makepyfile(FLAKY)
    (pytester.path / "attempts").write_text("xx")
    assert everywhere(*RERUNS, "3").findings == []


def test_a_rerun_plugin_that_logs_nothing_of_it_hides_nothing(
    pytester: pytest.Pytester, everywhere: Report
) -> None:
    pytester.makeconftest(SILENT)
    pytester.makepyfile(FLAKY)
    finding = everywhere().one("TST005")
    assert outcomes(finding) == [("failed", "call"), ("failed", "call"), ("passed", "call")]


def test_a_test_that_never_passes_has_one_finding_with_every_attempt(
    pytester: pytest.Pytester, everywhere: Report
) -> None:
    pytester.makepyfile("def test_fails():\n    assert 0\n")
    (finding,) = everywhere(*RERUNS, "2").findings
    assert finding["code"] == "TST001"
    assert outcomes(finding) == [("failed", "call")] * 3


def test_a_fixture_that_settles_is_flaky_too(pytester: pytest.Pytester, everywhere: Report) -> None:
    pytester.makepyfile(
        FLAKY.replace("def test_settles", "import pytest\n\n    @pytest.fixture\n    def ready")
        + "\n    def test_after(ready):\n        pass\n"
    )
    finding = everywhere(*RERUNS, "3").one("TST005")
    assert outcomes(finding) == [("failed", "setup"), ("failed", "setup"), ("passed", "call")]


def test_a_flaky_test_stays_the_same_finding_with_another_error(
    pytester: pytest.Pytester, report: Report
) -> None:
    prints = set()
    for error in ("TimeoutError('1')", "KeyError('2')"):
        (pytester.path / "attempts").unlink(missing_ok=True)
        pytester.makepyfile(FLAKY.replace('TimeoutError("no answer in 3 s")', error))
        prints.add(report(*RERUNS, "3").one("TST005")["fingerprint"])
    assert len(prints) == 1
