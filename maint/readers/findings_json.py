"""This project's own ``findings.json``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from maint.errors import InputError
from maint.findings import Finding
from maint.readers.parsing import converted
from maint.readers.source import Source, cut
from maint.report.documents import SCHEMA, FindingsDocument
from maint.report.section import Section


def read(source: Source, document: Mapping[str, Any]) -> list[Section]:
    """One section a run; InputError names the version or the field that does not fit."""
    schema = document.get("schema")
    if schema != SCHEMA:
        raise InputError(
            f"{source.shown}: schema {cut(str(schema))!r}, expected {SCHEMA!r}; "
            "write it again with the version of pytest-maint that reads it"
        )
    read_document = converted(source, document, FindingsDocument)
    if read_document.findings and not read_document.runs:
        raise InputError(
            f"{source.shown}: at $.runs: no run that made the findings, of which there are "
            f"{len(read_document.findings):,}; write the file again"
        )
    return sections_of(read_document)


def sections_of(document: FindingsDocument) -> list[Section]:
    """Each run with the findings that it could have raised; the first run has those that none could."""
    found: dict[int, list[Finding]] = defaultdict(list)
    for finding in document.findings:
        owner = next((i for i, run in enumerate(document.runs) if finding.code in run.codes), 0)
        found[owner].append(finding)
    return [Section(run=run, findings=tuple(found[i])) for i, run in enumerate(document.runs)]


def document_of(sections: Sequence[Section]) -> FindingsDocument:
    """The sections as one ``findings.json``."""
    return FindingsDocument(
        runs=tuple(section.run for section in sections),
        findings=tuple(finding for section in sections for finding in section.findings),
    )


def merged(sections: list[Section]) -> list[Section]:
    """The same sections, a finding that several report only in the first of them."""
    seen: set[str] = set()
    result = []
    for section in sections:
        kept = {one.fingerprint: one for one in reversed(section.findings) if one.fingerprint not in seen}
        seen.update(kept)
        result.append(msgspec.structs.replace(section, findings=tuple(reversed(kept.values()))))
    return result
