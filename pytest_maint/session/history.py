"""What the controller sees of one test: its phases over all runs, and the findings they come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from maint.findings import Finding, Location

from .failure import Failure
from .findings import crash_finding, flaky_finding, test_finding


class Phase(NamedTuple):
    """One report, as far as it matters here; ``told`` is what the process that ran the test noted.

    ``outcome`` is ``passed``, ``failed``, ``skipped`` or another plugin's (``rerun``); ``said`` is the text
    of a failure or the reason of a skip.
    """

    when: str
    outcome: str
    duration_s: float = 0.0
    told: dict[str, Any] | None = None
    subtest: str = ""
    said: str = ""


class History:
    """Grows phase by phase; a worker that crashes begins a new count of runs."""

    def __init__(self, location: Location) -> None:
        self._location = location
        self._failures: dict[tuple[int, int], Failure] = {}
        self._passes: list[tuple[tuple[int, int], dict[str, Any]]] = []
        self._crashes: list[str] = []
        self._last = (0, 1)
        self._skipped: str | None = None
        self._judged = False

    @property
    def unjudged(self) -> str | None:
        """Why the test came to no verdict, or None when it has one."""
        failures = self._failures.values()
        if self._judged or self._crashes or not all(failure.elsewhere for failure in failures):
            return None
        if failures:
            return "failed by another guardrail"
        return f"skipped: {self._skipped}" if self._skipped is not None else "not finished"

    def add(self, phase: Phase) -> None:
        """Take in the next report of this test."""
        epoch = len(self._crashes)
        told = phase.told or {"run": 1, "number": None, "failures": []}
        self._last = (epoch, told["run"])
        for noted in msgspec.convert(told["failures"], list[Failure]):
            self._failures.setdefault((epoch, noted.number), noted)
        if told["number"] is not None and phase.subtest:
            key = (epoch, told["number"])
            self._failures[key] = msgspec.structs.replace(self._failures[key], subtest=phase.subtest)
        if phase.outcome == "skipped":
            self._skipped = phase.said
        elif phase.outcome == "failed" and told["number"] is None:
            self._add_foreign(phase, epoch)
        elif phase.outcome == "passed" and phase.when == "call" and not phase.subtest:
            self._judged = True
            passed = {"outcome": "passed", "when": "call", "duration_s": phase.duration_s}
            self._passes.append((self._last, passed))

    def add_expected_failure(self) -> None:
        """An xfail that failed as it should: the test has its verdict."""
        self._judged = True

    def add_crash(self, said: str) -> None:
        """The worker died while it ran this test."""
        self._crashes.append(said)

    def findings(self) -> Iterator[Finding]:
        """Nothing for a test that passed at once; what failed in the last run, else what a rerun hid."""
        if self._crashes:
            yield crash_finding(self._location, self._crashes)
        last = [
            failure for (epoch, _), failure in self._failures.items() if (epoch, failure.run) == self._last
        ]
        for failure in last:
            if not failure.elsewhere:
                yield test_finding(self._location, failure, self._told(failure))
        if self._failures and not last:
            first = next(iter(self._failures.values()))
            then = "passed" if self._judged else "skipped" if self._skipped is not None else "did not finish"
            yield flaky_finding(self._location, first, self._told(), then)

    def _add_foreign(self, phase: Phase, epoch: int) -> None:
        """A failure another plugin reported by itself: all that is known is what it says."""
        if any(
            noted.subtest and (crashes, noted.run) == self._last
            for (crashes, _), noted in self._failures.items()
        ):
            return  # pytest's "contains 1 failed subtest", which xdist's workers report as a failure
        number = len(self._failures)
        self._failures[epoch, number] = Failure(
            message=phase.said,
            when=phase.when,
            number=number,
            run=self._last[1],
            duration_s=phase.duration_s,
            subtest=phase.subtest,
        )

    def _told(self, final: Failure | None = None) -> list[dict[str, Any]]:
        """The attempts up to and with ``final``, or all; of the last run only what ends in it."""
        told = [
            ((epoch, failure.run), attempt(failure))
            for (epoch, _), failure in self._failures.items()
            if final is None or failure is final or (epoch, failure.run) != self._last
        ]
        told += self._passes if final is None else ()
        return [one for _, one in sorted(told, key=lambda pair: pair[0])]


def attempt(failure: Failure) -> dict[str, Any]:
    """One line of ``evidence["attempts"]``."""
    told: dict[str, Any] = {
        "outcome": "failed",
        "when": failure.when,
        "duration_s": failure.duration_s,
        "exception": failure.exception,
        "message": failure.message,
    }
    crash = failure.crash
    return told if crash is None else {**told, "crash": {"path": crash.path, "line": crash.line}}


def judged(histories: Iterable[tuple[str, History]]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Node ids with a verdict, and the others with the reason."""
    told = [(node_id, history.unjudged) for node_id, history in histories]
    with_verdict = tuple(node_id for node_id, reason in told if reason is None)
    return with_verdict, {node_id: reason for node_id, reason in told if reason is not None}
