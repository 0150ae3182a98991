from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maint.errors import MaintError
from maint.findings import Finding, Location, Severity
from maint.report.github import annotation_lines, append_summary

# Escapes that were in the text already must come back as they were.
ANY_TEXT = st.text() | st.text(alphabet="%0A2C3D:,\r\n")
COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def finding(
    severity: Severity = Severity.HIGH, title: str = "slow", message: str = "it is", **place: object
) -> Finding:
    return Finding(
        code="BEN001",
        severity=severity,
        category="performance",
        title=title,
        message=message,
        location=msgspec.convert(place, Location),
        remedy="run",
    )


def decoded(text: str) -> str:
    for escape, char in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(escape, char)
    return text


@given(ANY_TEXT, ANY_TEXT)
def test_any_text_is_one_command_that_reads_back(title: str, message: str) -> None:
    (line,) = annotation_lines([finding(title=title, message=message, path="a,b:c.py", line=3)])
    assert "\n" not in line
    assert "\r" not in line
    parsed = re.fullmatch(COMMAND, line.replace("\x85", " ").replace("\u2028", " ").replace("\u2029", " "))
    assert parsed is not None
    assert decoded(line.split("::", 2)[2]) == message
    properties = dict(part.split("=", 1) for part in parsed[2].split(","))
    assert decoded(properties["file"]) == "a,b:c.py"
    assert properties["line"] == "3"


def test_a_file_name_that_is_no_utf_8_can_be_printed() -> None:
    (line,) = annotation_lines([finding(path="caf\udce9.py")])
    assert "file=caf\\udce9.py" in line
    line.encode()


def test_the_worst_come_first_with_their_kind() -> None:
    lines = annotation_lines([finding(severity) for severity in reversed(Severity)])
    assert [line.split(" ")[0] for line in lines] == [
        "::error",
        "::error",
        "::warning",
        "::notice",
        "::notice",
    ]


def test_the_summary_is_appended(tmp_path: Path) -> None:
    page = tmp_path / "summary.md"
    page.write_text("before\n")
    append_summary(page, "# report")
    assert page.read_text() == "before\n# report\n"


def test_a_report_that_does_not_fit_says_so_and_keeps_under_the_limit(tmp_path: Path) -> None:
    page = tmp_path / "summary.md"
    page.write_text("x" * 300)
    append_summary(page, "µ" * 400, limit=1000)
    assert "did not fit" in page.read_text()
    assert page.stat().st_size <= 1000
    full = page.stat().st_size
    append_summary(page, "µ" * 400, limit=full + 1)
    assert page.stat().st_size == full


def test_an_unwritable_summary_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(MaintError, match="cannot be written"):
        append_summary(tmp_path, "x")
