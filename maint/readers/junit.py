"""JUnit XML of pytest and other test runners: failed and broken tests as TST001 to TST004."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from maint.errors import InputError
from maint.extras import require
from maint.findings import Finding, Location, Severity, fingerprint
from maint.readers import longrepr, xml_guard
from maint.readers.source import Source, cut
from maint.report.cells import printable, shorten
from maint.report.documents import Run
from maint.report.section import Section
from maint.rules.table import RULES

if TYPE_CHECKING:
    from junitparser import JUnitXml, TestCase, TestSuite
    from junitparser.junitparser import Result

CODES = ("TST001", "TST002", "TST003", "TST004")
_KEPT = 2000
_UNEXPECTED_PASS = "[XPASS(strict)]"
_COLLECTION = "collection failure"


def read(source: Source) -> list[Section]:
    """The tests of one file as one run; InputError names the position of what is no JUnit XML."""
    root = xml_guard.parsed(source)
    if root.tag not in ("testsuite", "testsuites"):
        raise InputError(
            f"{source.shown}: the root element is {cut(root.tag)!r}, expected 'testsuites' or 'testsuite'; "
            "give JUnit XML"
        )
    if root.tag == "testsuite":  # which junitparser before 5 hands back as something else
        outer = Element("testsuites")
        outer.append(root)
        root = outer
    report: JUnitXml = require("report").JUnitXml.fromroot(root)
    findings: list[Finding] = []
    judged: dict[str, None] = {}
    unjudged: dict[str, str] = {}
    for suite in _suites(report):
        for case in suite:
            name = _Case(source, suite, case)
            findings += name.findings()
            if skipped := name.skipped():
                unjudged[name.node_id] = skipped
            elif not name.collection:
                judged[name.node_id] = None
    broken = sum(finding.code == "TST004" for finding in findings)
    run = Run(
        guardrail="tests",
        version="",
        codes=CODES,
        partial=f"{broken:,} could not be collected" if broken else "",
        judged=tuple(judged),
        unjudged={name: reason for name, reason in unjudged.items() if name not in judged},
        elapsed_s=sum(_seconds(suite) for suite in report),
    )
    return [Section(run=run, findings=tuple({one.fingerprint: one for one in findings}.values()))]


def _suites(parents: Iterable[TestSuite]) -> Iterator[TestSuite]:
    for suite in parents:
        yield suite
        nested: Iterable[TestSuite] = suite.testsuites()  # type: ignore[no-untyped-call]  # of junitparser
        yield from _suites(nested)


def _seconds(suite: TestSuite) -> float:
    try:
        return float(suite.time or 0.0)
    except ValueError:  # of another locale: 1,234.5
        return 0.0


class _Case:
    """One ``testcase`` element."""

    def __init__(self, source: Source, suite: TestSuite, case: TestCase) -> None:
        self._source = source
        self._case = case
        self._results: list[Result] = [one for one in case.result if one.__class__.__name__ != "Skipped"]
        self.collection = any((one.message or "") == _COLLECTION for one in self._results)
        self.path, self.node_id = self._place(suite)

    def skipped(self) -> str:
        """Why the test did not run; empty when it did."""
        skips = [one for one in self._case.result if one not in self._results]
        # An expected failure ran, and came out as it should.
        if self._results or not skips or skips[0].type == "pytest.xfail":
            return ""
        return f"skipped: {printable(skips[0].message or '')}".rstrip(": ")

    def findings(self) -> Iterator[Finding]:
        """One for each failure and error."""
        for result in self._results:
            if result.__class__.__name__ in ("Failure", "Error"):
                yield self._finding(result)

    def _finding(self, result: Result) -> Finding:
        text = result.text or ""
        when, message = longrepr.phase(result.message or "")
        found = longrepr.frames(text)
        raised = _typed(result) or longrepr.exception(message, text, found)
        code = self._code(result, when)
        if code == "TST003":
            raised, message = "", _UNEXPECTED_PASS
        elif code == "TST004":
            when, message = "collect", _last_raised(text) or message
        message = message.removeprefix(raised).removeprefix(": ") if raised else message
        name = shorten(printable(self.node_id.partition("::")[2] or self.node_id), 120)
        happened = _HAPPENED.get(code) or raised.rpartition(".")[2] or "fails"
        happened += f" at {when}" if code == "TST002" and when != "call" else ""
        cause = raised if code == "TST001" else f"{when} {raised}"
        crash = longrepr.crash(found)
        first = shorten(printable(message.strip().partition("\n")[0]), 200)
        return Finding(
            code=code,
            severity=Severity(RULES[code].severity),
            category="tests",
            title=f"{name}: {happened}",
            message=f"{name}: {happened}{': ' * bool(first)}{first}{_at(crash)}; {code}",
            location=self._location(found),
            remedy=RULES[code].remedy,
            evidence=_evidence(when, raised, message, crash, self._case.time),
            fingerprint=fingerprint(code, self.node_id, cause),
        )

    def _code(self, result: Result, when: str) -> str:
        if self.collection:
            return "TST004"
        if (result.message or "").startswith(_UNEXPECTED_PASS):
            return "TST003"
        return "TST001" if result.__class__.__name__ == "Failure" and when == "call" else "TST002"

    def _location(self, found: list[longrepr.Frame]) -> Location:
        """The test, at the line where it failed as far as a frame is in its file."""
        line = next((one.line for one in found if self._source.relative(one.path) == self.path), None)
        node_id = None if self.collection else self.node_id
        return Location(path=self.path or None, line=line, node_id=node_id)

    def _place(self, suite: TestSuite) -> tuple[str, str]:
        """The file, empty where it cannot be told, and the node id."""
        name = self._case.name or "unnamed"
        dotted = self._case.classname or ""
        if self.collection:
            path = self._file(".".join(filter(None, (dotted, name))), suite)[0]
            return path, path or name
        path, classes = self._file(dotted, suite)
        return path, "::".join(filter(None, (path, *classes, name)))

    def _file(self, dotted: str, suite: TestSuite) -> tuple[str, list[str]]:
        """The file of a dotted name and the classes after it: ``tests.test_a.TestX``."""
        parts = [part for part in dotted.split(".") if part]
        given = self._case._elem.get("file")
        if given:
            path = self._source.relative(given)
            module = path.removesuffix(".py").split("/")
            return path, parts[len(module) :] if parts[: len(module)] == module else parts[-1:]
        for length in range(len(parts), 0, -1):
            path = "/".join(parts[:length]) + ".py"
            if re.fullmatch(r"[\w./-]+", path) and (self._source.root / path.lstrip("/")).is_file():
                return path, parts[length:]
        if suite.name != "pytest" or not parts:
            return "", [dotted] if dotted else []
        # Not on this machine: by PEP 8, classes begin with a capital and modules do not.
        length = next((i for i, part in enumerate(parts) if part[:1].isupper() and i), len(parts))
        return "/".join(parts[:length]) + ".py", parts[length:]


_HAPPENED = {"TST003": "passes though marked as a failure", "TST004": "cannot be collected"}


def _typed(result: Result) -> str:
    """The class that other runners put into the ``type`` attribute."""
    kind = result.type or ""
    return kind if re.fullmatch(r"[A-Za-z_][\w.$]*", kind) else ""


def _at(crash: longrepr.Frame | None) -> str:
    return printable(f" at {crash.path}:{crash.line} in {crash.function}") if crash else ""


def _last_raised(text: str) -> str:
    lines = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    return lines[-1] if lines else ""


def _evidence(
    when: str, raised: str, message: str, crash: longrepr.Frame | None, duration: float | None
) -> dict[str, Any]:
    attempt: dict[str, Any] = {
        "outcome": "failed",
        "when": when,
        "duration_s": duration,
        "exception": raised,
        "message": message[:_KEPT],
        "crash": crash.evidence() if crash else None,
    }
    told = {name: value for name, value in attempt.items() if value not in (None, "")}
    told["attempts"] = [dict(told)]
    return {name: told[name] for name in ("exception", "message", "crash", "attempts") if name in told}
