"""What identifies a handler, and what does not."""

from __future__ import annotations

import ast

import pytest

from maint.lint.handlers import Handler, handlers

SOURCE = """
try: f()
except ValueError: pass
class Shop:
    def sell(self):
        try:
            g(1, "a")
            h()
        except KeyError: pass
        except (OSError, Exception): pass
        def later():
            try: g()
            except: pass
        try: k()
        except BaseException: pass
"""


def of(source: str) -> list[Handler]:
    return handlers(ast.parse(source))


def hash_of(body: str) -> str:
    return of(f"try:\n    {body}\nexcept OSError: pass\n")[0].try_hash


def test_handlers_are_counted_within_their_function() -> None:
    assert [(one.node.lineno, one.symbol, one.ordinal) for one in of(SOURCE)] == [
        (3, "", 0),
        (9, "Shop.sell", 0),
        (10, "Shop.sell", 1),
        (13, "Shop.sell.later", 0),
        (15, "Shop.sell", 2),
    ]


def test_a_handler_says_what_it_catches() -> None:
    assert [(one.caught, one.broad, one.base) for one in of(SOURCE)] == [
        ("", False, False),
        ("", False, False),
        ("Exception (in a tuple)", True, False),
        ("everything", True, True),
        ("BaseException", True, True),
    ]


@pytest.mark.parametrize(
    ("prelude", "written", "caught"),
    [
        ("import builtins", "builtins.Exception", "Exception"),
        ("ERRORS = (OSError, BaseException)", "ERRORS", "BaseException (as ERRORS)"),
        ("from builtins import Exception as E", "E", "Exception (as E)"),
        ("", "OSError if a else Exception", "Exception (as an expression)"),
    ],
)
def test_another_name_is_said(prelude: str, written: str, caught: str) -> None:
    assert of(f"{prelude}\ntry: f()\nexcept {written}: pass\n")[0].caught == caught


def test_handlers_with_the_same_try_share_its_hash() -> None:
    _, first, second, *_ = of(SOURCE)
    assert first.try_hash == second.try_hash
    assert len(first.try_hash) == 16


@pytest.mark.parametrize("same", ["g( 1,'a' );h()", "g(1, 'a')\n\n    # now\n    h()"])
def test_layout_does_not_change_the_hash(same: str) -> None:
    assert hash_of(same) == of(SOURCE)[1].try_hash


@pytest.mark.parametrize(
    "other", ["g(2, 'a'); h()", "h(); g(1, 'a')", "g(1, b'a'); h()", "g(1, 'a'), h()", "g(1.0, 'a'); h()"]
)
def test_what_the_try_does_changes_the_hash(other: str) -> None:
    assert hash_of(other) != of(SOURCE)[1].try_hash


def test_depth_does_not_matter_to_the_hash() -> None:
    tree = ast.parse("try: f(0)\nexcept OSError: pass\n")
    (handler,) = handlers(tree)
    expression: ast.expr = ast.Constant(1)
    for _ in range(5000):
        expression = ast.BinOp(expression, ast.Add(), ast.Constant(1))
    before = handler.try_hash
    handler.try_node.body = [ast.Expr(expression)]
    assert handler.try_hash != before
