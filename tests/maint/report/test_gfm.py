from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from maint.report.cells import printable
from maint.report.gfm import code, collapsed, fenced, table

MARKDOWN = MarkdownIt("commonmark").enable(["table"])
ANY_TEXT = st.text(st.characters() | st.sampled_from("`|\\\n*_<>&@#[]()!~"))


@given(ANY_TEXT)
@example("a|b")
@example("`|\\|``")
@example("<img src=x onerror=alert(1)>")
@example("@everyone closes #1")
def test_data_in_a_table_cell_is_one_code_span_with_its_text(text: str) -> None:
    source = table(("name", "time"), "<>", [(code(text, 10_000), "1 ms")])
    cells = [token for token in MARKDOWN.parse(source) if token.type == "inline"][2:]
    assert len(cells) == 2
    spans = cells[0].children or []
    assert {span.type for span in spans} <= {"code_inline"}
    if printable(text).strip():
        assert [span.content for span in spans] == [printable(text).replace("\\|", "\\¦")]


@given(ANY_TEXT)
@example("```\n# heading\n```")
def test_data_in_a_fence_stays_inside_it(text: str) -> None:
    tokens = MARKDOWN.parse(f"{fenced(text, 10_000)}\n\nafter")
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]


def test_a_fence_keeps_the_end_of_long_output() -> None:
    kept = fenced("x" * 50 + "the end", limit=10)
    assert "…" in kept
    assert kept.count("x") - "text".count("x") == 3
    assert "the end" in kept


def test_long_names_are_cut() -> None:
    assert len(code("x" * 5000, 40)) == 42


def test_a_table_lines_up_by_column() -> None:
    assert table(("a", "b"), "<>", [("1", "2")]) == "| a | b |\n| :-- | --: |\n| 1 | 2 |"


def test_a_collapsed_part_holds_markdown() -> None:
    rendered = MARKDOWN.render(collapsed("more", "**bold**"))
    assert re.search(
        r"<details><summary>more</summary>\s*<p><strong>bold</strong></p>\s*</details>", rendered
    )


def test_outside_of_tables_a_pipe_is_a_pipe() -> None:
    assert code("a|b", table=False) == "`a|b`"
    assert code("a|b") == "`a\\|b`"
