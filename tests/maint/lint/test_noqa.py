"""``noqa`` means here what it means to flake8."""

from __future__ import annotations

import pytest
from flake8.processor import FileProcessor
from flake8.violation import Violation as Flake8Violation
from hypothesis import given
from hypothesis import strategies as st

from maint.lint.noqa import file_switch, unsuppressed
from maint.lint.violation import Violation

COMMENTS = [
    *(
        "# noqa",
        "# NOQA",
        "#noqa",
        "# noqa: E900",
        "# noqa:E900",
        "# noqa : E900",
        "# noqa: E9",
        "# noqa: F401",
    ),
    *(
        "# noqa: F401,E900",
        "# noqa: F401 E900",
        "# noqa: E900 because",
        "# noqa: e900",
        "# noqa:  E900",
        "# x",
    ),
    *(
        "# noqa: E900F401",
        "# noqa: E9001",
        "# noqa:E900:x",
        "# noqa because",
        "# noqa,E1",
        "# type: x # noqa: E900",
    ),
]
CODES = ["E900", "MNT010", "F401"]


def by_flake8(code: str, line: int, lines: list[str]) -> bool:
    """Whether flake8 itself would leave the violation out."""
    processor = FileProcessor("x.py", options(), lines=list(lines))
    return Flake8Violation(code, "x.py", line, 1, "", processor.noqa_line_for(line)).is_inline_ignored(False)


def options() -> object:
    class Options:
        hang_closing = False
        indent_size = 4
        max_line_length = 79
        max_doc_length = None
        verbose = 0
        disable_noqa = False
        stdin_display_name = "stdin"

    return Options()


def ours(code: str, line: int, lines: list[str]) -> bool:
    return not unsuppressed([Violation(code, line, 1, line, 2, "m")], lines)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("comment", COMMENTS)
def test_a_comment_on_the_line_means_the_same(comment: str, code: str) -> None:
    lines = ["try: f()\n", f"except Exception:  {comment}\n", "    pass\n"]
    assert ours(code, 2, lines) == by_flake8(code, 2, lines)


@given(st.text(alphabet="#noqaNOQ: ,E901F\t", max_size=20), st.sampled_from(CODES))
def test_any_comment_means_the_same(comment: str, code: str) -> None:
    lines = [f"x = 1  # noqa{comment}\n"]
    assert ours(code, 1, lines) == by_flake8(code, 1, lines)


MULTILINE = [
    ["try: f()\n", "except (\n", "    KeyError,\n", "    Exception,  # noqa: E900\n", "):\n", "    pass\n"],
    ["x = '''\n", "# noqa\n", "'''\n", "y = 1\n"],
    ["x = 1 + \\\n", "    2  # noqa\n", "y = 1\n"],
    ["\ufeffx = 1  # noqa\n", "y = (\n", "  1)\n"],
    ["def f():\n", "    return (1,  # noqa: E9\n", "        2)\n", "\n", "# noqa\n"],
]


@pytest.mark.parametrize("lines", MULTILINE)
def test_a_comment_anywhere_in_a_logical_line_counts_for_all_of_it(lines: list[str]) -> None:
    for number in range(1, len(lines) + 1):
        assert ours("E900", number, lines) == by_flake8("E900", number, lines), number


@pytest.mark.parametrize(
    "line",
    [
        "# flake8: noqa\n",
        "  # flake8: noqa: F401\n",
        "# FLAKE8=NOQA\n",
        "x = 1  # flake8: noqa\n",
        "# noqa\n",
        "#flake8: noqa\n",
    ],
)
def test_the_switch_of_a_file_is_the_same(line: str) -> None:
    lines = ["import os\n", line]
    assert bool(file_switch(lines)) == FileProcessor("x.py", options(), lines=lines).should_ignore_file()
