"""SARIF 2.1.0 logs: ruff, bandit, semgrep and others, and this project's own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from maint.errors import InputError
from maint.findings import Finding, Location, Severity, fingerprint
from maint.readers import sarif_log as log
from maint.readers.convention import severity_of
from maint.readers.identity import code_of, told_apart
from maint.readers.parsing import converted
from maint.readers.source import Source, cut
from maint.report import documents
from maint.report.sarif import FINGERPRINT, OWN_TOOL
from maint.report.section import Section
from maint.rules.table import RULES

VERSION = "2.1.0"
_OWN_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
# semgrep writes "requires login" where a fingerprint would stand.
_REAL_FINGERPRINT = re.compile(r"[^\s]{8,}")
_NO_FINDING = frozenset({"pass", "notApplicable", "informational"})
_LEVELS = {"error": Severity.HIGH, "warning": Severity.MEDIUM, "note": Severity.LOW, "none": Severity.INFO}
# The bands in which GitHub shows a security-severity, a score from 0 to 10.
_BANDS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.1, Severity.LOW))
_LONGEST = 500


def read(source: Source, document: Mapping[str, Any]) -> list[Section]:
    """One section a run; InputError names the version or the field that does not fit."""
    version = document.get("version")
    if version != VERSION:
        raise InputError(
            f"{source.shown}: at $.version: {cut(str(version))!r}, expected {VERSION!r}; "
            "let the tool write SARIF 2.1.0"
        )
    read_log = converted(source, document, log.Log)
    return [_section(source, run) for run in read_log.runs]


def _section(source: Source, run: log.Run) -> Section:
    driver = run.tool.driver
    own = driver.name == OWN_TOOL
    tool = _guardrail(run) if own else re.sub(r"[^a-z0-9.+-]+", "-", driver.name.lower()).strip("-") or "tool"
    counted = [result for result in run.results or () if _counts(result)]
    findings = told_apart([_finding(source, run, result, tool) for result in counted])
    known = {code_of(tool, rule.id) for rule in driver.rules}
    codes = known | {finding.code for finding in findings}
    failed = any(not invocation.execution_successful for invocation in run.invocations)
    partial = "the tool says that its run did not succeed" if failed else ""
    if run.results is None:
        partial = "the log holds no results"
    partial = _text(run.properties.get("partial")) if own else partial
    return Section(
        run=documents.Run(
            guardrail=tool,
            version=driver.semantic_version or driver.version or "",
            codes=tuple(sorted(codes)),
            partial=partial,
        ),
        findings=findings,
    )


def _guardrail(run: log.Run) -> str:
    """The middle of ``maint/coverage/``."""
    parts = (run.automation_details.id or "").split("/")
    return parts[1] if len(parts) > 1 and parts[1] else OWN_TOOL


def _counts(result: log.Result) -> bool:
    """Whether a result is something that fell short now: not passed, not suppressed, not gone."""
    suppressed = any(one.status in (None, "accepted") for one in result.suppressions or ())
    return result.kind not in _NO_FINDING and not suppressed and result.baseline_state != "absent"


def _finding(source: Source, run: log.Run, result: log.Result, tool: str) -> Finding:
    rule = _rule(run, result)
    code = code_of(tool, rule.id)
    message = _message(result.message, rule).replace("\\](", "](")
    location = _location(source, run, result)
    properties = result.properties
    evidence = properties.get("evidence")
    return Finding(
        code=code,
        severity=_severity(rule, result, tool),
        category=_text(properties.get("category")) or _category(rule),
        title=_text(properties.get("title")) or _title(rule) or message,
        message=message,
        location=location,
        remedy=_text(properties.get("remedy")) or _remedy(result, rule, code),
        evidence=evidence if isinstance(evidence, dict) else {},
        fingerprint=_fingerprint(code, location, message, result),
    )


def _rule(run: log.Run, result: log.Result) -> log.Descriptor:
    """The rule of a result, by index or id, of the tool or of an extension."""
    component = run.tool.driver
    extension = result.rule.tool_component.index
    if 0 <= extension < len(run.tool.extensions):
        component = run.tool.extensions[extension]
    index = result.rule_index if result.rule_index >= 0 else result.rule.index
    wanted = result.rule_id or result.rule.id
    if 0 <= index < len(component.rules):
        rule = component.rules[index]
        # An id may be more special than its rule: CA1000/1 (section 3.52.4 of the standard).
        if wanted is None or wanted == rule.id or wanted.startswith(f"{rule.id}/"):
            return rule
    found = (rule for rule in component.rules if rule.id == wanted)
    return next(found, log.Descriptor(id=wanted or "unnamed"))


def _severity(rule: log.Descriptor, result: log.Result, tool: str) -> Severity:
    own = result.properties.get("severity")
    if own in list(Severity):
        return Severity(own)
    try:
        score = float(rule.properties.get("security-severity", "nan"))
    except (TypeError, ValueError):
        score = float("nan")
    for least, severity in _BANDS:
        if score >= least:
            return severity
    if tool == "ruff":  # which writes "error" at every result
        return severity_of(rule.id)
    level = result.level or rule.default_configuration.level or "warning"
    return _LEVELS.get(level, Severity.MEDIUM)


def _category(rule: log.Descriptor) -> str:
    tags = rule.properties.get("tags")
    security = isinstance(tags, list) and "security" in tags
    return "security" if security or "security-severity" in rule.properties else "lint"


def _title(rule: log.Descriptor) -> str:
    if rule.id in RULES:
        return RULES[rule.id].summary
    return (rule.short_description.text or rule.name or "").strip()[:_LONGEST]


def _remedy(result: log.Result, rule: log.Descriptor, code: str) -> str:
    if rule.id in RULES:
        return RULES[rule.id].remedy
    fix = next((one.description.text for one in result.fixes if one.description.text), "")
    said = fix or "" if rule.help_uri else fix or (rule.help.text or "").strip().partition("\n")[0]
    parts = [part for part in (said[:_LONGEST], f"see {rule.help_uri}" if rule.help_uri else "") if part]
    return "; ".join(parts) or f"see what the tool's documentation says on {code}"


def _message(message: log.Message, rule: log.Descriptor) -> str:
    text = message.text
    if text is None:
        named = rule.message_strings.get(message.id or "")
        text = named.text if named else None
    if text is None:
        return rule.short_description.text or rule.id
    return re.sub(r"\{(\d{1,4})\}", lambda match: _argument(message, match), text)


def _argument(message: log.Message, match: re.Match[str]) -> str:
    index = int(match[1])
    return message.arguments[index] if index < len(message.arguments) else match[0]


def _location(source: Source, run: log.Run, result: log.Result) -> Location:
    place = result.locations[0] if result.locations else log.Location()
    physical, logical = place.physical_location, place.logical_locations
    path = _path(run, physical.artifact_location)
    return Location(
        path=source.relative(path) if path else None,
        line=physical.region.start_line if path else None,
        column=physical.region.start_column if path else None,
        node_id=logical[0].fully_qualified_name if logical else None,
    )


def _path(run: log.Run, artifact: log.ArtifactLocation) -> str:
    if artifact.uri is None and 0 <= artifact.index < len(run.artifacts):
        artifact = run.artifacts[artifact.index].location
    uri = artifact.uri or ""
    base = run.original_uri_base_ids.get(artifact.uri_base_id or "")
    if base is not None and base.uri and ":" not in uri.partition("/")[0]:
        uri = f"{base.uri.rstrip('/')}/{uri}"
    scheme, separator, rest = uri.partition("://")
    if separator and scheme == "file":
        uri = rest[rest.find("/") :] if "/" in rest else rest
    return unquote(uri.removeprefix("file:"))


def _fingerprint(code: str, location: Location, message: str, result: log.Result) -> str:
    """The tool's own identity of a result where it gives one, else code, place and masked message."""
    own = result.partial_fingerprints.get(FINGERPRINT, "")
    if _OWN_FINGERPRINT.fullmatch(own):
        return own
    given = result.fingerprints or result.partial_fingerprints
    real = {name: value for name, value in given.items() if _REAL_FINGERPRINT.fullmatch(value)}
    if real:
        return fingerprint(code, f"{location.place}\0{json.dumps(real, sort_keys=True)}", "")
    return fingerprint(code, location.place, message)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
