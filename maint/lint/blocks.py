"""Statements and the blocks in them, walked without recursion: depth is no concern of the rules."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Block = list[ast.stmt]

# Fields that hold blocks of the same frame. Functions and classes are missing: theirs run as another one.
FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    ast.If: ("body", "orelse"),
    ast.For: ("body", "orelse"),
    ast.AsyncFor: ("body", "orelse"),
    ast.While: ("body", "orelse"),
    ast.With: ("body",),
    ast.AsyncWith: ("body",),
    ast.Try: ("body", "handlers", "orelse", "finalbody"),
    ast.TryStar: ("body", "handlers", "orelse", "finalbody"),
    ast.Match: ("cases",),
}


def blocks(statement: ast.stmt) -> list[tuple[str, Block]]:
    """The blocks directly in a statement, each with the field that holds it."""
    fields = FIELDS.get(type(statement))
    if fields is None:
        return []
    found: list[tuple[str, Block]] = []
    for field in fields:
        held = getattr(statement, field)
        if field in ("handlers", "cases"):
            found += [(field, one.body) for one in held]
        elif held:
            found.append((field, held))
    return found


def statements(body: Block) -> Iterator[ast.stmt]:
    """Every statement of a frame, outer before inner, without those of functions and classes in it."""
    pending = [body]
    while pending:
        for statement in pending.pop():
            yield statement
            if type(statement) in FIELDS:
                pending += [block for _, block in blocks(statement)]


def nested(body: Block) -> list[Block]:
    """``body`` and every block in it, each before those that it holds."""
    found = [body]
    for block in found:  # grows on the way
        for statement in block:
            if type(statement) in FIELDS:
                found += [inner for _, inner in blocks(statement)]
    return found


def expressions(body: Block) -> Iterator[ast.AST]:
    """Every node below ``body`` that runs in its frame: no bodies of functions, lambdas and classes."""
    pending: list[ast.AST] = list(reversed(body))
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            pending += node.decorator_list
        elif not isinstance(node, ast.Lambda):
            pending += ast.iter_child_nodes(node)
