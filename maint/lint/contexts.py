"""With statements that swallow what is raised in them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from maint.lint.scope import dotted
from maint.lint.settings import matches

if TYPE_CHECKING:
    from maint.lint.flow import With
    from maint.lint.scope import Scope
    from maint.lint.settings import Settings

_SUPPRESS = "contextlib.suppress"
# what is raised in them is expected there, and does not get out
_RAISES = "pytest.raises"
_ASSERTS = frozenset({"assertRaises", "assertRaisesRegex"})


def swallowing(node: With, scope: Scope, settings: Settings) -> bool:
    """Whether a with block eats some exceptions: ``suppress``, a test's ``raises``, one of the settings."""
    return any(
        is_suppress(item.context_expr, scope)
        or _is_expecting(item.context_expr, scope)
        or is_swallower(item.context_expr, settings)
        for item in node.items
    )


def is_suppress(expression: ast.expr, scope: Scope) -> bool:
    """Whether an expression is a call of ``contextlib.suppress``, by whatever name."""
    return isinstance(expression, ast.Call) and _SUPPRESS in scope.origins(expression.func)


def _is_expecting(expression: ast.expr, scope: Scope) -> bool:
    if not isinstance(expression, ast.Call):
        return False
    name = dotted(expression.func).rpartition(".")[2]
    return name in _ASSERTS or _RAISES in scope.origins(expression.func)


def is_swallower(expression: ast.expr, settings: Settings) -> bool:
    """Whether an expression is one of the project's own swallowing context managers, called or not."""
    function = expression.func if isinstance(expression, ast.Call) else expression
    written = dotted(function)
    return matches(written, settings.swallowers) or matches(written.rpartition(".")[2], settings.swallowers)
