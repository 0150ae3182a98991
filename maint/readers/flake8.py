"""flake8's default output: ``path:line:column: CODE message``, one finding a line, and ``--count``."""

from __future__ import annotations

import re

from maint.errors import InputError
from maint.findings import Finding, Location, Severity, fingerprint
from maint.readers.convention import severity_of
from maint.readers.identity import code_of, told_apart
from maint.readers.source import Source, cut
from maint.report.documents import Run
from maint.report.section import Section
from maint.rules.table import RULES

TOOL = "flake8"
LINE = re.compile(
    r"(?P<path>[^\n]+?):(?P<line>\d+):(?P<column>\d+): (?P<code>[A-Z]{1,3}\d{0,3})(?: (?P<message>.*))?"
)
# The last line with --count: the number of findings, also when it is 0.
COUNT = re.compile(r"\d+")
_EMPTY = "empty: cannot be told from a flake8 that failed"
# What every flake8 can say: the run is flake8's, whichever plugins' codes are in it.
_ALWAYS = ("flake8:E902", "flake8:E999")


def read(source: Source) -> list[Section]:
    """The findings of one flake8 run; InputError names the line that is none of its default format.

    Without a line the run is partial: a flake8 that found nothing writes as little as one that broke, unless
    it is asked for the count.
    """
    lines = _lines(source)
    partial = "" if lines else _EMPTY
    if lines and COUNT.fullmatch(lines[-1][1]):
        _check_count(source, *lines.pop(), found=len(lines))
    findings = told_apart([_finding(source, *numbered) for numbered in lines])
    codes = tuple(sorted({*_ALWAYS, *(finding.code for finding in findings)}))
    return [Section(run=Run(guardrail=TOOL, version="", codes=codes, partial=partial), findings=findings)]


def _check_count(source: Source, number: int, line: str, found: int) -> None:
    if int(line) != found:
        raise InputError(
            f"{source.shown}:{number}:1: flake8 counted {int(line):,} and {found:,} are here; "
            "give its whole output, without --quiet"
        )


def _lines(source: Source) -> list[tuple[int, str]]:
    lines = enumerate(source.text().split("\n"), 1)
    return [(number, line.removesuffix("\r")) for number, line in lines if line.strip()]


def _finding(source: Source, number: int, line: str) -> Finding:
    match = LINE.fullmatch(line)
    if match is None:
        raise InputError(
            f"{source.shown}:{number}:1: {cut(line)!r} is not flake8's 'path:line:column: CODE message'; "
            "give its default output, without --format and --show-source"
        )
    code, path = code_of(TOOL, match["code"]), source.relative(match["path"])
    message = match["message"] or match["code"]
    rule = RULES.get(code)
    return Finding(
        code=code,
        severity=Severity(rule.severity) if rule else severity_of(match["code"]),
        category="lint",
        title=rule.summary if rule else message,
        message=message,
        location=Location(path=path, line=int(match["line"]) or None, column=int(match["column"]) or None),
        remedy=rule.remedy if rule else f"mend the line, or give the reason beside a noqa: {match['code']}",
        fingerprint=fingerprint(code, path, message),
    )
