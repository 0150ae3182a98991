"""One walk over the statements of a module: where each try, with and definition lies."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from maint.lint.blocks import FIELDS, blocks
from maint.lint.scope import Rare, Scope

if TYPE_CHECKING:
    from maint.lint.blocks import Block

_KEPT = frozenset({ast.Try, ast.TryStar, ast.With, ast.AsyncWith})
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
COMPOUND = frozenset(DEFINITIONS) | frozenset(FIELDS)


class Place(NamedTuple):
    """Where a statement lies: in ``part`` (a field) of ``node``, itself at ``outer``; ends at the frame."""

    node: ast.stmt
    part: str
    outer: Place | None


class Found(NamedTuple):
    """A statement that rules look at, with the scope and the place it lies in."""

    node: ast.stmt
    scope: Scope
    place: Place | None


def walk(tree: ast.Module, rare: Rare | None = None) -> list[Found]:
    """Every try and with statement and every definition of a module, in the order of the file."""
    found = []
    module = Scope(tree, "module", None, "", rare)
    pending: list[tuple[Block, Place | None, Scope]] = [(tree.body, None, module)]
    while pending:
        body, place, scope = pending.pop()
        for statement in body:
            kind = type(statement)
            if kind not in COMPOUND:
                continue
            if isinstance(statement, DEFINITIONS):
                found.append(Found(statement, scope, place))
                pending.append((statement.body, None, scope.inside(statement)))
                continue
            if kind in _KEPT:
                found.append(Found(statement, scope, place))
            for part, block in blocks(statement):
                pending.append((block, Place(statement, part, place), scope))
    return sorted(found, key=lambda one: (one.node.lineno, one.node.col_offset))
