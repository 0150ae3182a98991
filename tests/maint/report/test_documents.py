from __future__ import annotations

import json
import math
from pathlib import PurePosixPath

import msgspec

from maint.findings import Finding, Location, Severity
from maint.report.documents import SCHEMA, FindingsDocument, Run, json_bytes

RUN = Run(guardrail="benchmark", version="1", codes=("BEN001",), judged=("a::b",))


def finding(message: str) -> Finding:
    return Finding(
        code="BEN001",
        severity=Severity.HIGH,
        category="performance",
        title="t",
        message=message,
        location=Location(node_id="a::b"),
        remedy="r",
    )


def test_a_document_reads_back() -> None:
    document = FindingsDocument(runs=(RUN,), findings=(finding("slow"),))
    written = json_bytes(document)
    assert json.loads(written)["schema"] == SCHEMA
    assert msgspec.json.decode(written, type=FindingsDocument) == document


def test_a_name_that_is_no_utf8_does_not_cost_the_report() -> None:
    document = FindingsDocument(runs=(RUN,), findings=(finding("caf\udce9"),))
    written = json.loads(json_bytes(document))
    assert written["findings"][0]["message"] == "caf\\udce9"
    assert written["runs"][0]["judged"] == ["a::b"]


def test_what_is_no_json_is_shown_as_it_is_written() -> None:
    assert json.loads(json_bytes({"path": PurePosixPath("a"), "nan": math.nan})) == {
        "path": "PurePosixPath('a')",
        "nan": None,
    }
    assert json.loads(json_bytes({"bad": "\udce9", "inf": [math.inf, 1.5]}))["inf"] == [None, 1.5]
    assert msgspec.json.decode(json_bytes({"\udce9": 1})) == {"\\udce9": 1}
