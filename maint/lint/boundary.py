"""The places where a program may catch everything, because there it can still say so."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from maint.lint.flow import is_endless
from maint.lint.scope import dotted
from maint.lint.settings import matches

if TYPE_CHECKING:
    from maint.lint.handlers import Handler
    from maint.lint.module import Module
    from maint.lint.scope import Scope
    from maint.lint.walk import Place

MARK = re.compile(r"#\s*boundary:\s*\S", re.IGNORECASE)
_DISABLED = re.compile(
    r"#\s*pylint:\s*disable=[\w\s,-]*\b(?:broad-except|broad-exception-caught|bare-except|W0702|W0703|W0718)\b"
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def is_boundary(handler: Handler, module: Module) -> bool:
    """Whether a handler lies at an outermost place, in its own frame, or is marked ``# boundary: reason``."""
    settings = module.settings
    return (
        _is_main_guarded(handler)
        or _is_boundary_function(handler.scope, module)
        or (settings.boundary_loops and _is_in_endless_loop(handler.place))
        or bool(MARK.search(header_comment(handler, module)))
    )


def is_disabled_for_pylint(handler: Handler, module: Module) -> bool:
    """Whether the line of the handler bears pylint's directive against its own broad-except."""
    return bool(_DISABLED.search(header_comment(handler, module)))


def header_comment(handler: Handler, module: Module) -> str:
    """The comments of the lines from ``except`` to its colon."""
    node = handler.node
    last = node.lineno if node.type is None else node.type.end_lineno or node.lineno
    # the colon and a closing bracket may come lines later, where nothing but comments can be between
    while last + 1 < node.body[0].lineno and re.match(
        r"\s*[),]*\s*(as\s+\w+\s*)?\)?\s*:", module.lines[last]
    ):
        last += 1
    return module.comment(node.lineno, last)


def is_main_guard(test: ast.expr) -> bool:
    """Whether an ``if`` asks for ``__name__ == "__main__"``, alone or among other conditions."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(is_main_guard(value) for value in test.values if not isinstance(value, ast.BoolOp))
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], ast.Eq):
        return False
    sides = (test.left, test.comparators[0])
    names = [side.id for side in sides if isinstance(side, ast.Name)]
    values = [side.value for side in sides if isinstance(side, ast.Constant)]
    return names == ["__name__"] and values == ["__main__"]


def _is_main_guarded(handler: Handler) -> bool:
    if handler.scope.kind != "module":
        return False
    place: Place | None = handler.place
    while place is not None:
        if isinstance(place.node, ast.If) and place.part == "body" and is_main_guard(place.node.test):
            return True
        place = place.outer
    return False


def _is_boundary_function(scope: Scope, module: Module) -> bool:
    node, settings = scope.node, module.settings
    if not isinstance(node, _FUNCTIONS) or scope.parent is None:
        return False
    if scope.parent.kind == "module" and matches(node.name, settings.boundary_names):
        return True
    if scope.parent.kind == "class" and matches(node.name, settings.boundary_methods):
        return True
    decorators = [one.func if isinstance(one, ast.Call) else one for one in node.decorator_list]
    return any(matches(dotted(one), settings.boundary_decorators) for one in decorators)


def _is_in_endless_loop(place: Place | None) -> bool:
    """Whether the try of a handler is a statement of the body of a ``while True``."""
    around = place.outer if place else None
    return around is not None and around.part == "body" and is_endless(around.node)
