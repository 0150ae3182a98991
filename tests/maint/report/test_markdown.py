"""``report.md``: sections' own parts, the findings of the others, and GitHub's limit."""

from __future__ import annotations

import msgspec
import pytest
from markdown_it import MarkdownIt

from maint.report.documents import Run
from maint.report.markdown import LIMIT, report_md
from maint.report.section import Section

MARKDOWN = MarkdownIt("commonmark").enable(["table"])


def test_a_sections_own_part_is_placed_and_the_others_findings_are_listed(mixed: list[Section]) -> None:
    report = report_md(mixed)
    assert report.startswith("# Maintainability: 1 critical, 3 high, 1 medium, 1 low\n")
    assert "## Benchmarks: 1 critical\n\nits own table\n" in report
    assert "## Tests: 3 high\n\nLooked at `partial: -k a`, 2 judged." in report
    assert "| ▲ high | `TST001` | `tests/test_a.py:1` | `it fails` |" in report
    assert "## Ruff: 1 medium, 1 low\n\nLooked at everything.\n" in report


def test_one_section_needs_no_headline_of_its_own(mixed: list[Section]) -> None:
    assert report_md(mixed[2:]) == "## Benchmarks: 1 critical\n\nits own table\n"


def test_nothing_from_outside_is_markup(mixed: list[Section]) -> None:
    rendered = MARKDOWN.render(report_md(mixed))
    assert "<img" not in rendered
    assert "<a " not in rendered
    # Two tables, each row with its four cells.
    assert rendered.count("<tr>") == 2 + 5
    assert rendered.count("<td") == 5 * 4


def test_a_tools_name_is_data_too() -> None:
    run = Run(guardrail="x](javascript:1) @you", version="", codes=())
    assert "<a " not in MARKDOWN.render(report_md([Section(run=run)]))
    assert "## `X](javascript:1) @you`: no findings" in report_md([Section(run=run)])


def test_a_pipe_outside_of_tables_is_a_pipe() -> None:
    run = Run(guardrail="a|b", version="", codes=(), partial="-k x|y")
    assert report_md([Section(run=run)]) == "## `A|b`: no findings\n\nLooked at `partial: -k x|y`.\n"


@pytest.mark.parametrize("limit", [2_000, 20_000, LIMIT])
def test_what_does_not_fit_is_counted(limit: int, many: list[Section], mixed: list[Section]) -> None:
    report = report_md([*many, *mixed], limit)
    assert len(report) <= limit
    shown = report.partition("\n\n## Tests")[0].count("`lint:X1`")
    assert f"and {10_000 - shown:,} more" in report
    assert "its own table" in report
    # The worst are those that are shown.
    assert report.count("| ▲ high | `lint:X1`") == min(shown, 50)


def test_a_part_that_does_not_fit_says_where_it_is(mixed: list[Section]) -> None:
    long = msgspec.structs.replace(mixed[2], markdown="x" * 70_000)
    report = report_md([mixed[0], long])
    assert len(report) <= LIMIT
    assert "## Benchmarks: 1 critical\n\nThe 1 did not fit here" in report
