"""Violations as findings, the form in which reports, forges and other tools take them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from maint.findings import Finding, Location, Severity
from maint.lint.baseline import Entry, numbered
from maint.lint.run import Found, Result
from maint.lint.settings import rule_code
from maint.report.documents import FindingsDocument, Run
from maint.rules.table import RULES

GUARDRAIL = "lint"
CATEGORY = "static"


def entries(found: Sequence[Found]) -> list[Entry]:
    """What identifies each violation when lines move, in the same order."""
    bare = [Entry(one.path, rule_code(one.violation.code), one.violation.symbol, one.digest) for one in found]
    return numbered(bare)


def findings(found: Sequence[Found]) -> tuple[Finding, ...]:
    """One finding for each violation, in the same order."""
    return tuple(_finding(one, entry) for one, entry in zip(found, entries(found), strict=True))


def document(result: Result, found: Sequence[Found], run: Run) -> FindingsDocument:
    """``findings.json`` of this run; what was skipped is named as not judged."""
    unjudged = {skipped.path: skipped.reason for skipped in result.skipped}
    full = msgspec.structs.replace(run, judged=tuple(result.files), unjudged=unjudged)
    return FindingsDocument(runs=(full,), findings=findings(found))


def summary(found: Iterable[Found]) -> dict[str, int]:
    """The number of violations of each code, most first."""
    return dict(Counter(one.violation.code for one in found).most_common())


def _finding(one: Found, entry: Entry) -> Finding:
    violation = one.violation
    rule = RULES[rule_code(violation.code)]
    where = f" in {violation.symbol}" if violation.symbol else ""
    return Finding(
        code=violation.code,
        severity=Severity(rule.severity),
        category=CATEGORY,
        title=f"{violation.code} {rule.name}{where}",
        message=violation.message,
        location=Location(path=one.path, line=violation.line, column=violation.column),
        remedy=rule.remedy,
        evidence={
            "symbol": violation.symbol,
            "certain": violation.certain,
            "end_line": violation.end_line,
            "end_column": violation.end_column,
        },
        fingerprint=_fingerprint(entry),
    )


def _fingerprint(entry: Entry) -> str:
    """Code, place, symbol, line and ordinal, without a line number; 16 hex digits."""
    parts = (entry.code, entry.path, entry.symbol, entry.digest, str(entry.ordinal))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
