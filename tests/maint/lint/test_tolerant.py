"""Broad handlers of files that do not parse, with tree-sitter and without."""

from __future__ import annotations

import ast
import sysconfig
from pathlib import Path

import pytest

from maint.lint import tolerant
from maint.lint.tolerant import broad_clauses, violations

STDLIB = Path(sysconfig.get_path("stdlib"))


@pytest.fixture(params=["tree-sitter", "text"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to find the keyword give the same clauses."""
    if request.param == "tree-sitter":
        pytest.importorskip("tree_sitter_python")
    else:
        monkeypatch.setattr(tolerant, "_starts_by_tree", lambda text: None)
    return str(request.param)


BROKEN = "def broken(:\n    pass\n"

FOUND = [
    ("try:\n    f()\nexcept:\n    pass\n", ""),
    ("try:\n    f()\nexcept Exception:\n    pass\n", "Exception"),
    ("try:\n    f()\nexcept Exception, e:\n    print e\n", "Exception, e"),
    ("try:\n    f()\nexcept (KeyError, Exception) as e:\n    log(e)\n", "(KeyError, Exception)"),
    (
        "try:\n    f()\nexcept (\n    KeyError,\n    BaseException,\n):\n    pass\n",
        "( KeyError, BaseException, )",
    ),
    ("try:\n    f()\nexcept builtins.Exception:\n    pass\n", "builtins.Exception"),
    ("try:\n    f()\nexcept* Exception:\n    pass\n", "Exception"),
    ("try: f()\nexcept Exception: pass\n", "Exception"),
    ("try:\n    f()\nexcept Exception:\n    if x:\n        raise\n", "Exception"),
    ("try:\n    f()\nexcept Exception:\n    '''raise'''\n", "Exception"),
    ("try:\n\tf()\nexcept Exception:\n\tpass\n\nraise\n", "Exception"),
]
SILENT = [
    "try:\n    f()\nexcept ValueError:\n    pass\n",
    "try:\n    f()\nexcept foreign.Exception:\n    pass\n",
    "try:\n    f()\nexcept MyException:\n    pass\n",
    "try:\n    f()\nexcept Exception:\n    log()\n    raise\n",
    "try:\n    f()\nexcept Exception, e:\n    raise Other, e\n",
    "try: f()\nexcept Exception: log(); raise\n",
    "try:\n    f()\nexcept Exception:  # boundary: the plugin host goes on\n    log()\n",
    "try:\n    f()\nexcept Exception:  # Boundary: the plugin host goes on\n    log()\n",
    "x = '''\ntry: f()\nexcept Exception: pass\n'''\n",
    "# except Exception:\n#     pass\n",
]


@pytest.mark.parametrize(("source", "caught"), FOUND)
def test_a_broad_handler_is_found(way: str, source: str, caught: str) -> None:
    assert [clause.caught for clause in broad_clauses(source + BROKEN)] == [caught]


@pytest.mark.parametrize("source", SILENT)
def test_what_is_no_broad_handler_or_ends_with_raise_is_silent(way: str, source: str) -> None:
    assert broad_clauses(source + BROKEN) == []


def test_line_column_and_symbol_are_right(way: str) -> None:
    source = "class A:\n    def f(self):\n        try: g()\n        except Exception:\n            pass\n"
    (clause,) = broad_clauses(source + BROKEN)
    assert (clause.line, clause.column, clause.symbol) == (4, 9, "A.f")


def test_characters_beyond_ascii_do_not_shift_the_place(way: str) -> None:
    (clause,) = broad_clauses("x = 'äöü😀'\ntry: f('ß')\nexcept: pass\n" + BROKEN)
    assert (clause.line, clause.column) == (3, 1)


def test_a_merge_conflict_hides_nothing(way: str) -> None:
    source = "try: f()\n<<<<<<< HEAD\nexcept Exception: pass\n=======\nexcept KeyError: pass\n>>>>>>> b\n"
    assert [clause.line for clause in broad_clauses(source)] == [3]


def test_the_violation_says_that_the_syntax_is_unknown() -> None:
    (violation,) = violations("try: f()\nexcept: pass\n", "E900")
    assert not violation.certain
    assert violation.message.startswith("catches everything (syntax unknown, the file does not parse); ")


def test_on_files_that_parse_it_finds_the_headers_that_the_parser_finds(way: str) -> None:
    names = ("asyncio/base_events.py", "logging/__init__.py", "idlelib/run.py", "threading.py", "smtplib.py")
    for name in names:
        source = (STDLIB / name).read_text(encoding="utf-8")
        handlers = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ExceptHandler)]
        broad = {
            node.lineno for node in handlers if is_broad(node) and not isinstance(node.body[-1], ast.Raise)
        }
        assert {clause.line for clause in broad_clauses(source)} == broad, name


def is_broad(node: ast.ExceptHandler) -> bool:
    parts = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(part is None or ast.unparse(part) in ("Exception", "BaseException") for part in parts)
