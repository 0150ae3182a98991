"""What happens where tests run: every failed phase is noted, and rides on this and all later reports.

A rerun plugin may log a failed report as a rerun, or not at all; the next report of the test tells of it.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from maint.report.cells import encodable
from pytest_maint.failure import is_own

from .cause import MESSAGE_KEPT, describe
from .failure import Failure

PROPERTY = "maint_failures"
ATTRIBUTE = "maint_failure"
# pytest's own words for xfail(strict=True) and for unittest's expectedFailure
_UNEXPECTED = ("[XPASS(strict)]", "Unexpected success")
_NOTED = pytest.StashKey["_Noted"]()


class _Noted:
    """The failures of one item so far."""

    def __init__(self) -> None:
        self.run = 0
        self.failures: list[dict[str, Any]] = []


class AttemptRecorder:
    """Lives in every process that runs or collects tests."""

    def __init__(self, root: Path) -> None:
        self._root = root

    # Outermost: what pytest's own wrappers make of xfail and skip is settled by then.
    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note a failure, and put all of this item on the report."""
        report = yield
        noted = item.stash.setdefault(_NOTED, _Noted())
        noted.run += call.when == "setup"
        number = None
        elsewhere = is_own(call.excinfo and call.excinfo.value, report)
        if report.failed:
            number = len(noted.failures)
            failure = msgspec.structs.replace(
                self._failure(call, report),
                when=call.when,
                number=number,
                run=noted.run,
                duration_s=round(call.duration, 6),
                elsewhere=elsewhere,
            )
            noted.failures.append(msgspec.to_builtins(failure))
        if noted.failures:
            told = {"run": noted.run, "number": number, "failures": list(noted.failures)}
            report.user_properties.append((PROPERTY, told))
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Put the exception on a failed report, which has no properties to carry it."""
        report = yield
        call: pytest.CallInfo[object] | None = report.__dict__.get("call")
        if report.failed and call is not None and call.excinfo is not None:
            failure = msgspec.structs.replace(describe(call.excinfo.value, self._root), when="collect")
            setattr(report, ATTRIBUTE, msgspec.to_builtins(failure))
        return report

    def _failure(self, call: pytest.CallInfo[None], report: pytest.TestReport) -> Failure:
        if call.excinfo is None:
            failure = Failure(message=encodable(report.longreprtext[:MESSAGE_KEPT]))
        else:
            failure = describe(call.excinfo.value, self._root)
        if failure.exception in ("", "Failed") and failure.message.startswith(_UNEXPECTED):
            return Failure(message=failure.message, unexpected_pass=True)
        return failure
