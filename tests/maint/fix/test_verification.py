"""An edit that changes more than it says is noticed."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maint.errors import InputError
from maint.fix.imports import difference, import_edits
from maint.fix.proposal import Edit, Import, Proposal, compatible, spliced
from maint.fix.source import Source
from maint.fix.verification import verify

TEXT = (
    "import os\n\ndef f(a, b):\n    try:\n        g(a)\n    except Exception:\n        pass\n    return b\n"
)


def verified(text: str, *edits: Edit) -> str:
    after = spliced(text, edits)
    verify(Source("a.py", text.encode()), Source("a.py", after.encode()), edits)
    return after


def edit(text: str, old: str, new: str) -> Edit:
    start = text.index(old)
    return Edit(start, start + len(old), new)


def test_an_edit_of_an_expression_and_one_of_a_statement_pass() -> None:
    after = verified(TEXT, edit(TEXT, "Exception", "(ValueError, OSError)"), edit(TEXT, "pass", "log(1)"))
    assert "except (ValueError, OSError):\n        log(1)\n" in after


def test_lines_that_are_put_in_shift_what_follows() -> None:
    after = verified(TEXT, Edit(0, 0, "import sys\n"), edit(TEXT, "pass", "x = 'é'"))
    assert after == "import sys\n" + TEXT.replace("pass", "x = 'é'", 1)


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        pytest.param(TEXT, "pass\n", "pass\n\ndef h(b):\n", id="the function ends earlier"),
        pytest.param(TEXT, "pass\n", "pass; \\\n", id="the handler goes on"),
        pytest.param("if a:\n    b()\n", "a", "a: pass\nif c", id="another if takes the block"),
        pytest.param("a = 1\nb = 2\n# '''\n", "1", "'''", id="a string swallows code"),
        pytest.param("if a:\n    b()\nc()\n", "b()\n", "b()\n    ", id="the block takes the next statement"),
        pytest.param("if a:\n    b()\nelse:\n    c()\n", "else:\n", "", id="one branch takes the other's"),
    ],
)
def test_code_around_the_edit_that_changes_is_noticed(text: str, old: str, new: str) -> None:
    with pytest.raises(InputError, match="would change code around it"):
        verified(text, edit(text, old, new))


@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), max_size=8))
def test_a_difference_leads_from_one_text_to_the_other(one: list[str], other: list[str]) -> None:
    before, after = "\n".join(one), "\n".join(other)
    assert spliced(before, [difference(before, after)]) == after


@settings(deadline=None, max_examples=20)
@given(
    st.permutations([Import("json"), Import("os.path", "join"), Import("json", "loads"), Import("re", "I")])
)
def test_imports_are_added_once_behind_docstring_and_future(wanted: list[Import]) -> None:
    source = Source("a.py", b'"""Doc."""\nfrom __future__ import annotations\n\nimport os\n\nx = 1\n')
    after = spliced(source.text, import_edits(source, wanted))
    names = {
        ast.unparse(node) for node in ast.parse(after).body if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert {"import json", "from json import loads", "from os.path import join", "from re import I"} <= names
    assert ast.get_docstring(ast.parse(after)) == "Doc."
    assert import_edits(Source("a.py", after.encode()), wanted) == []


def test_overlapping_proposals_do_not_meet() -> None:
    proposals = [Proposal("X", 1, "", True, (Edit(a, b, ""),)) for a, b in ((0, 5), (4, 6), (5, 7))]
    assert compatible(proposals) == [proposals[0], proposals[2]]
