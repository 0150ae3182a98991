from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from maint.regression.comparison import Comparison, Row, Verdict
from maint.regression.markdown import LIMIT, section_md

MARKDOWN = MarkdownIt("commonmark").enable(["table"])


def many(comparison: Comparison, copies: int) -> Comparison:
    rows = [
        msgspec.structs.replace(row, name=row.name.replace("::", f"_{copy}::", 1))
        for copy in range(copies)
        for row in comparison.benchmarks
    ]
    return msgspec.structs.replace(comparison, benchmarks=tuple(rows))


def flat(tokens: list[Token]) -> list[Token]:
    return [inner for token in tokens for inner in (token, *(token.children or ()))]


def test_the_headline_says_what_was_found(ordinary: Comparison) -> None:
    first, _, second = section_md(ordinary).splitlines()[:3]
    assert first.startswith("## Benchmarks: 1 critical, 1 head error, 1 invalid, 1 warning, ")
    assert "`1a2b3c4d5e6f + changes` against `main` `9f8e7d6c5b4a`" in second
    assert "24 s; warning from +10 %, critical from +25 %" in second


def test_alarms_are_open_and_the_rest_is_folded(ordinary: Comparison) -> None:
    opened, folded = section_md(ordinary).split("<details>", 1)
    assert "| ✗ | `test_parse[large]` | 11.9 ms | 15.6 ms | +31 % | +29 .. +33 | **CRITICAL** |" in opened
    assert "PASS" not in opened
    assert "| ✓ | `test_lookup` |" in folded
    assert "6 without alarm" in folded


def test_reasons_stand_below_with_the_whole_node_id(ordinary: Comparison) -> None:
    report = section_md(ordinary)
    assert "- `tests/bench/test_tree.py::test_balance`\n  - `the worker was killed by SIGSEGV`\n" in report
    assert "  Fatal Python error: Segmentation fault\n    File <unknown>\n" in report
    assert "- `deps: head's`" in report


def test_a_self_test_shows_noise(ordinary: Comparison) -> None:
    report = section_md(msgspec.structs.replace(ordinary, mode="selftest"))
    assert "| benchmark | per call | clock | noise floor | blocks |" in report
    assert "| `test_fetch` | 11.9 ms | wall | ±14.2 % | 4 |" in report


@pytest.mark.parametrize("copies", [1, 20, 160])
def test_any_number_of_benchmarks_fits_a_comment_worst_first(ordinary: Comparison, copies: int) -> None:
    comparison = many(ordinary, copies)
    report = section_md(comparison)
    assert len(report) <= LIMIT < 65_536
    shown = [
        verdict
        for verdict in re.findall(r"\| (?:\*\*)?([A-Z_]+)(?:\*\*)? \|\n", report)
        if verdict in set(Verdict)
    ]
    ranks = [list(Verdict).index(Verdict(verdict)) for verdict in shown]
    assert ranks == sorted(ranks)
    counted = [
        int(number.replace(",", "")) for number in re.findall(r"^and ([\d,]+) more$", report, re.MULTILINE)
    ]
    assert len(shown) + sum(counted) == len(comparison.benchmarks)
    assert report.count("<details>") == report.count("</details>")


def test_two_thousand_hostile_benchmarks_fit_too(hostile: Comparison) -> None:
    assert len(section_md(many(hostile, 200))) <= LIMIT


def test_two_thousand_different_crashes_fit_too(comparison_of: Callable[..., Comparison]) -> None:
    rows = [
        Row(name=f"a.py::test_{n}", status=Verdict.HEAD_ERROR, reason=f"exit {n}", output=f"line {n}\n" * 500)
        for n in range(2000)
    ]
    report = section_md(comparison_of(*rows))
    assert len(report) <= LIMIT
    assert "exit 0" in report
    assert re.search(r"^- and 1,\d+ more$", report, re.MULTILINE)
    assert report.count("```text") * 2 == report.count("```")


def test_nothing_from_outside_is_read_as_markup(hostile: Comparison) -> None:
    tokens = flat(MARKDOWN.parse(section_md(hostile)))
    html = "".join(token.content for token in tokens if token.type in {"html_block", "html_inline"})
    assert set(re.findall(r"</?[a-z]+[^>]*>", html)) == {"<details>", "<summary>", "</summary>", "</details>"}
    assert {token.tag for token in tokens if token.type == "heading_open"} == {"h2"}
    assert sum(token.type == "heading_open" for token in tokens) == 1
    assert not any(token.type in {"link_open", "image"} for token in tokens)


def test_mentions_and_issue_numbers_stand_in_code_only(hostile: Comparison) -> None:
    tokens = flat(MARKDOWN.parse(section_md(hostile)))
    text = "".join(token.content for token in tokens if token.type == "text")
    code = "".join(token.content for token in tokens if token.type in {"code_inline", "fence"})
    assert "@everyone" in code
    assert not re.search(r"@|#\d|https?:|GH-", text)


def test_every_table_row_keeps_its_columns(hostile: Comparison) -> None:
    tokens = MARKDOWN.parse(section_md(hostile))
    rows = sum(token.type == "tr_open" for token in tokens)
    cells = sum(token.type in {"td_open", "th_open"} for token in tokens)
    tables = sum(token.type == "table_open" for token in tokens)
    assert rows == len(hostile.benchmarks) + tables
    assert cells == 7 * rows


def test_what_many_have_to_say_is_said_once(comparison_of: Callable[..., Comparison]) -> None:
    rows = [Row(name=f"a.py::test_{n}", status=Verdict.PASS, reason="unaffected") for n in range(300)]
    assert "- `a.py::test_0` and 299 more\n  - `unaffected`\n" in section_md(comparison_of(*rows))
