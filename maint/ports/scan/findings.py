"""Faults as findings, and a scan as the guardrail's part of a report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from maint.findings import Finding, Location, Severity
from maint.ports.scan.judge import Fault
from maint.ports.scan.run import Scan
from maint.report.cells import printable
from maint.report.documents import Run, own_version
from maint.report.section import Section
from maint.rules.ports import RULES as FAMILY
from maint.rules.table import RULES

GUARDRAIL = "ports"
CATEGORY = "ports"
CODES = tuple(rule.code for rule in FAMILY if rule.code < "PORT010")
_NEED_REGISTRY = frozenset({"PORT002", "PORT003"})


def findings(faults: Iterable[Fault]) -> tuple[Finding, ...]:
    """One finding for each fault, in the same order."""
    return tuple(_finding(fault) for fault in faults)


def section(
    scan: Scan, found: tuple[Finding, ...], *, has_registry: bool, partial: str, command: str
) -> Section:
    """What ``maint issues`` and the reports take."""
    codes = tuple(code for code in CODES if has_registry or code not in _NEED_REGISTRY)
    run = Run(
        guardrail=GUARDRAIL,
        version=own_version(),
        codes=codes,
        partial=partial,
        command=command,
        judged=tuple(scan.files),
        unjudged={one.path: one.reason for one in scan.skipped},
    )
    return Section(run=run, findings=found, title="Ports")


def _finding(fault: Fault) -> Finding:
    rule = RULES[fault.code]
    return Finding(
        code=fault.code,
        severity=Severity(rule.severity),
        category=CATEGORY,
        title=f"{fault.code} {rule.name}: {' '.join(fault.identity[:2])}",
        message=f"{printable(fault.said)}; {rule.remedy}",
        location=Location(path=fault.path, line=fault.line),
        remedy=rule.remedy,
        evidence={"others": list(fault.others)},
        fingerprint=_fingerprint(fault),
    )


def _fingerprint(fault: Fault) -> str:
    """Code, file, protocol, port and the other files: a port is no number that changes by itself."""
    parts = (fault.code, fault.path, *fault.identity)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
