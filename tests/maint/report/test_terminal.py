"""The report on a terminal: one line a finding, whatever is in it."""

from __future__ import annotations

from maint.report.section import Section
from maint.report.terminal import report_lines


def test_findings_are_grouped_by_severity_and_counted(mixed: list[Section]) -> None:
    lines = report_lines(mixed)
    assert [line for line in lines if line and not line.startswith(" ")] == [
        "critical",
        "high",
        "medium",
        "low",
        "Tests: partial: -k a",
        "1 critical, 3 high, 1 medium, 1 low (tests, ruff, benchmark)",
    ]
    assert "  a b.py:2:8: ruff:F401 it fails" in lines
    # Without a place, the code comes first.
    assert "  BEN001 slower" in lines


def test_nothing_from_outside_moves_the_cursor(mixed: list[Section]) -> None:
    assert all(line.isprintable() for line in report_lines(mixed))


def test_no_section_is_no_finding() -> None:
    assert report_lines([]) == ["no findings"]
