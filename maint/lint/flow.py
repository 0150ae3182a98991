"""How a block can be left: an over-approximation from the statements alone, calls are taken to return."""

from __future__ import annotations

import ast
import enum
from typing import TYPE_CHECKING

from maint.lint.blocks import Block, nested

if TYPE_CHECKING:
    from collections.abc import Callable


class Exit(enum.IntFlag):
    """The ways out of a block."""

    FALL = 1
    RAISE = 2
    RETURN = 4
    BREAK = 8
    CONTINUE = 16


JUMP = 4 | 8 | 16
_FALL, _RAISE, _RETURN, _BREAK, _CONTINUE = 1, 2, 4, 8, 16

Known = dict[int, int]
With = ast.With | ast.AsyncWith


def exits(body: Block, swallows: Callable[[With], bool]) -> int:
    """The ways out of ``body``, as flags of ``Exit``; ``swallows`` names the with blocks that eat exceptions.

    ``if``, ``match``, ``with``, ``try`` and ``while True`` are followed; other loops may run zero times, and
    what a nested function does is not done here.
    """
    known: Known = {}
    for block in reversed(nested(body)):
        known[id(block)] = _block(block, known, swallows)
    return known[id(body)]


def _block(block: Block, known: Known, swallows: Callable[[With], bool]) -> int:
    found = 0
    for statement in block:
        ways = _statement(statement, known, swallows)
        found |= ways & ~_FALL
        if not ways & _FALL:
            return found
    return found | _FALL


def _statement(statement: ast.stmt, known: Known, swallows: Callable[[With], bool]) -> int:
    match statement:
        case ast.Raise():
            return _RAISE
        case ast.Return():
            return _RETURN
        case ast.Break():
            return _BREAK
        case ast.Continue():
            return _CONTINUE
        case ast.If(body=body, orelse=orelse):
            return known[id(body)] | _or_fall(orelse, known)
        case ast.For() | ast.AsyncFor() | ast.While():
            return _loop(statement, known)
        case ast.With(body=body) | ast.AsyncWith(body=body):
            ways = known[id(body)]
            return ways | _FALL if ways & _RAISE and swallows(statement) else ways
        case ast.Try() | ast.TryStar():
            return _try(statement, known)
        case ast.Match(cases=cases):
            ways = 0 if any(one.guard is None and is_wildcard(one.pattern) for one in cases) else _FALL
            for one in cases:
                ways |= known[id(one.body)]
            return ways
        case _:
            return _FALL


def _loop(loop: ast.For | ast.AsyncFor | ast.While, known: Known) -> int:
    body = known[id(loop.body)]
    ways = body & (_RAISE | _RETURN)
    if body & _BREAK:
        ways |= _FALL
    if not is_endless(loop):
        ways |= _or_fall(loop.orelse, known)
    return ways


def _try(node: ast.Try | ast.TryStar, known: Known) -> int:
    ways = known[id(node.body)]
    if ways & _FALL and node.orelse:
        ways = ways & ~_FALL | known[id(node.orelse)]
    for handler in node.handlers:
        ways |= known[id(handler.body)]
    if not node.finalbody:
        return ways
    last = known[id(node.finalbody)]
    return ways | last & ~_FALL if last & _FALL else last


def _or_fall(block: Block, known: Known) -> int:
    return known[id(block)] if block else _FALL


def is_endless(loop: ast.stmt) -> bool:
    """Whether a loop is ``while True`` or its like, which only break, return and raise end."""
    return isinstance(loop, ast.While) and isinstance(loop.test, ast.Constant) and bool(loop.test.value)


def is_wildcard(pattern: ast.pattern) -> bool:
    """Whether a pattern matches everything: ``_``, a bare name, or an alternative that does."""
    if isinstance(pattern, ast.MatchOr):
        pattern = pattern.patterns[-1]
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None
