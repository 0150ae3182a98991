"""The exception handlers of a module: what each one catches, and what identifies it when lines move."""

from __future__ import annotations

import ast
import hashlib
from typing import TYPE_CHECKING, NamedTuple

from maint.lint.scope import dotted
from maint.lint.walk import Found, Place, walk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from maint.lint.scope import Scope

_BROAD = {
    "builtins.Exception": "Exception",
    "builtins.BaseException": "BaseException",
    "six.moves.builtins.Exception": "Exception",
    "six.moves.builtins.BaseException": "BaseException",
}


class Handler(NamedTuple):
    """One ``except`` clause.

    ``caught`` says in words what a broad one catches, ``""`` for others; ``base`` is whether that includes
    KeyboardInterrupt and SystemExit. ``ordinal`` counts the handlers of the same ``symbol`` from 0.
    """

    node: ast.ExceptHandler
    try_node: ast.Try | ast.TryStar
    symbol: str
    ordinal: int
    caught: str
    broad: bool
    base: bool
    scope: Scope
    place: Place

    @property
    def try_hash(self) -> str:
        """16 hex digits of what the body of the try does: layout, comments and line numbers do not matter."""
        return structure_hash(self.try_node.body)


def handlers(tree: ast.Module) -> list[Handler]:
    """The handlers of a module in the order of the file."""
    return handlers_of(walk(tree))


def handlers_of(compound: Iterable[Found]) -> list[Handler]:
    """The handlers of the try statements among ``compound``, which are in the order of the file."""
    tries = [(found, found.node) for found in compound if isinstance(found.node, ast.Try | ast.TryStar)]
    clauses = [(found, node, handler) for found, node in tries for handler in node.handlers]
    clauses.sort(key=lambda clause: (clause[2].lineno, clause[2].col_offset))
    counted: dict[str, int] = {}
    result = []
    for found, node, handler in clauses:
        symbol = found.scope.symbol
        ordinal = counted[symbol] = counted.get(symbol, -1) + 1
        caught, base = _caught(handler, found.scope)
        place = Place(node, "handlers", found.place)
        result.append(Handler(handler, node, symbol, ordinal, caught, bool(caught), base, found.scope, place))
    return result


def structure_hash(body: list[ast.stmt]) -> str:
    """16 hex digits of the syntax of ``body`` without its positions."""
    digest = hashlib.sha256()
    pending: list[object] = list(reversed(body))
    while pending:
        node = pending.pop()
        if isinstance(node, ast.AST):
            digest.update(f"\0{type(node).__name__}".encode())
            fields = [getattr(node, field, None) for field in node._fields]
            pending += reversed(fields)
        elif isinstance(node, list):
            digest.update(f"\0[{len(node)}".encode())
            pending += reversed(node)
        else:
            digest.update(f"\0{node!r}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]


def _caught(handler: ast.ExceptHandler, scope: Scope) -> tuple[str, bool]:
    """What a broad handler catches, in words, and whether that is all there is."""
    if handler.type is None:
        return "everything", True
    name = broad_name(handler.type, scope)
    if not name:
        return "", False
    if isinstance(handler.type, ast.Tuple):
        return f"{name} (in a tuple)", name == "BaseException"
    written = dotted(handler.type)
    by_another_name = not written or written.rpartition(".")[2] != name
    return f"{name} (as {written or 'an expression'})" if by_another_name else name, name == "BaseException"


def broad_name(expression: ast.expr, scope: Scope) -> str:
    """``Exception`` or ``BaseException`` when an expression stands for it, among others; else ``""``."""
    found = {_BROAD[origin] for origin in scope.origins(expression) if origin in _BROAD}
    return min(found, default="")  # BaseException comes first
