"""``report.html`` as text: every part is there, and nothing from outside is markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from maint.report.documents import Run
from maint.report.html import ROWS, report_html
from maint.report.section import Section


class Seen(HTMLParser):
    """Tags, and the text of the table rows."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value for name, value in attrs if name == "id" and value]


def test_finished_sections_are_placed_and_the_findings_of_others_listed(mixed: list[Section]) -> None:
    page = report_html(mixed)
    assert page.index("its own plot") < page.index('id="findings"')
    assert page.count("<tr data-severity=") == 5
    assert "<title>1 critical, 3 high, 1 medium, 1 low: Maintainability report</title>" in page


def test_the_page_says_what_was_looked_at(mixed: list[Section]) -> None:
    runs = report_html(mixed).partition('<h2 id="runs">')[2]
    rows = [re.sub(r"<[^>]+>", " ", row).split() for row in runs.split("<tr>")[2:]]
    assert rows[0] == ["Tests", "1", "3", "2", "0", "partial:", "-k", "a"]
    assert rows[1] == ["Ruff", "0.17", "2", "0", "0", "everything"]


def test_each_rule_is_explained_once(mixed: list[Section]) -> None:
    page = report_html(mixed)
    assert page.count("mend it") == 3


def test_nothing_from_outside_is_markup(mixed: list[Section]) -> None:
    seen = Seen(report_html(mixed))
    assert "img" not in seen.tags
    assert seen.tags.count("script") == 1
    assert not {name for name in seen.attributes if name.startswith("on")}
    assert len(seen.ids) == len(set(seen.ids))


def test_a_page_without_findings_has_no_script() -> None:
    section = Section(run=Run(guardrail="tests", version="1", codes=("TST001",)))
    page = report_html([section], title="tests")
    assert "<h1>no findings</h1>" in page
    assert "<script" not in page
    assert "script-src" not in page


def test_what_does_not_fit_is_counted_and_the_worst_stays(many: list[Section]) -> None:
    page = report_html(many)
    assert page.count("<tr data-severity=") == ROWS
    assert page.count('<tr data-severity="high"') == 50
    assert f"{10_000 - ROWS:,} more are not on this page" in page


@pytest.mark.parametrize("sections", [[], [Section(run=Run(guardrail="", version="", codes=()))]])
def test_nothing_at_all_is_a_page_too(sections: list[Section]) -> None:
    assert "<h1>no findings</h1>" in report_html(sections)
