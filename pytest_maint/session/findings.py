"""What a test session found: TST001 to TST006 of the rules table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from maint.findings import Finding, Location, Severity, fingerprint
from maint.report.cells import printable, shorten
from maint.rules.table import RULES
from maint.rules.tests import RULES as OWN

from .failure import Failure

CODES = tuple(rule.code for rule in OWN)
_SUBJECT_WIDTH = 120
_CAUSE_WIDTH = 200


def test_finding(location: Location, failure: Failure, attempts: Sequence[dict[str, Any]]) -> Finding:
    """TST001 to TST003: a phase of a test failed, and no rerun put it right."""
    subject = _subject(location, failure.subtest)
    if failure.unexpected_pass:
        return _finding("TST003", location, subject, "passes though expected to fail", failure, attempts)
    raised = failure.name or "fails"
    if failure.when == "call":
        return _finding("TST001", location, subject, raised, failure, attempts)
    return _finding("TST002", location, subject, f"{raised} at {failure.when}", failure, attempts)


def flaky_finding(
    location: Location, failure: Failure, attempts: Sequence[dict[str, Any]], then: str
) -> Finding:
    """TST005: ``failure`` was followed by a rerun that did not fail."""
    said = f"failed{f' with {failure.name}' if failure.name else ''}, then {then} on a rerun"
    return _finding("TST005", location, _subject(location), said, failure, attempts)


def collection_finding(location: Location, failure: Failure) -> Finding:
    """TST004: a file, folder or class could not be collected."""
    subject = printable(location.place) or "the session"
    said = f"cannot be collected ({failure.name or 'error'})"
    return _finding("TST004", location, shorten(subject, _SUBJECT_WIDTH), said, failure, ())


def crash_finding(location: Location, said: Sequence[str]) -> Finding:
    """TST006: workers died in this test, or outside any when ``location`` names none; a sentence each."""
    subject = _subject(location) if location.node_id else "pytest-xdist"
    happened = "worker crashed" if location.node_id else "a worker crashed outside a test"
    return _finding("TST006", location, subject, happened, Failure(message="\n".join(said), when="crash"), ())


def internal_finding(said: str) -> Finding:
    """TST006: pytest or a plugin raised outside any test; the last line of ``said`` names the error."""
    lines = [line.removeprefix("E").strip() for line in said.splitlines()]
    # pytest-xdist asserts False around the traceback of a worker
    told = [line for line in lines if line and line != "assert False"] or [""]
    failure = Failure(message=told[-1], when="internal")
    return _finding("TST006", Location(), "pytest", "internal error", failure, ())


def _finding(
    code: str,
    location: Location,
    subject: str,
    happened: str,
    failure: Failure,
    attempts: Sequence[dict[str, Any]],
) -> Finding:
    rule = RULES[code]
    # The message is no part of the identity: texts that hold a path, a set or a time change by themselves.
    identity = f"{location.place} {failure.subtest}".rstrip()
    cause = failure.exception if code == "TST001" else f"{failure.when} {failure.exception}"
    return Finding(
        code=code,
        severity=Severity(rule.severity),
        category="flakiness" if code == "TST005" else "tests",
        title=f"{subject}: {happened}",
        message=f"{subject}: {happened}{_detail(failure)}; {code}",
        location=location,
        remedy=rule.remedy,
        evidence=_evidence(failure, attempts),
        fingerprint=fingerprint(code, identity, "" if code == "TST005" else cause),
    )


def _subject(location: Location, subtest: str = "") -> str:
    name = location.place.partition("::")[2] or location.place
    return shorten(printable(f"{name} {subtest}".rstrip()), _SUBJECT_WIDTH)


def _detail(failure: Failure) -> str:
    lines = failure.message.strip().splitlines()
    said = f": {shorten(printable(lines[0]), _CAUSE_WIDTH)}" if lines else ""
    crash = failure.crash
    where = f" at {crash.path}:{crash.line} in {crash.function}" if crash else ""
    return said + printable(where)


def _evidence(failure: Failure, attempts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    evidence: dict[str, Any] = {
        "exception": failure.exception,
        "message": failure.message,
        "crash": msgspec.to_builtins(failure.crash),
        "caused_by": list(failure.caused_by),
        "subtest": failure.subtest,
        "attempts": list(attempts),
    }
    return {name: value for name, value in evidence.items() if value}
