"""MNT012 swallowing-context-manager: ``except Exception: pass`` in the shape of a with statement."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from maint.lint.blocks import statements
from maint.lint.contexts import is_suppress, is_swallower
from maint.lint.flow import Exit
from maint.lint.handlers import broad_name
from maint.lint.scope import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from maint.lint.module import Module
    from maint.lint.scope import Scope
    from maint.lint.violation import Violation

CODE = "MNT012"

VALID = """
--- what is expected
import contextlib
with contextlib.suppress(FileNotFoundError): f()
--- some other suppress
from shop import suppress
with suppress(Exception): f()
--- suppress of nothing
from contextlib import suppress
with suppress(): f()
--- pytest.raises is not a handler
import pytest
with pytest.raises(Exception): f()
--- an exit that lets through what it does not know
class Guard:
    def __exit__(self, kind, value, trace):
        if kind is OSError: return True
        return False
--- an exit that returns nothing
class Guard:
    def __exit__(self, *raised): self.close()
--- an exit that sometimes falls through
class Guard:
    def __exit__(self, *raised):
        if self.quiet: return True
--- a function of that name
def __exit__(*raised): return True
--- not a swallower of this project
with SafeExecutor("x"): f()
"""

INVALID = """
--- suppress(Exception)
import contextlib
with contextlib.suppress(Exception): f()  # !
--- by another name
from contextlib import suppress as ignore
with ignore(BaseException): f()  # !
--- one of several
from contextlib import suppress
with suppress(OSError, Exception): f()  # !
--- through a constant
from contextlib import suppress
ERRORS = (ValueError, Exception)
with suppress(*ERRORS): f()  # !
--- on a stack
from contextlib import ExitStack, suppress
with ExitStack() as stack:
    stack.enter_context(suppress(Exception))  # !
--- an exit that always says that all is well
class Guard:
    def __exit__(self, kind, value, trace):  # !
        self.close()
        return True
--- the asynchronous one
class Guard:
    async def __aexit__(self, *raised): return True  # !
--- on every path
class Guard:
    def __exit__(self, kind, value, trace):  # !
        if kind:
            log.error(value)
            return True
        else:
            return True
--- a swallower of this project [swallowers = ["SafeExecutor"]]
with shop.SafeExecutor("x"): f()  # !
"""

_EXITS = ("__exit__", "__aexit__")
_ALIAS = re.compile(r"\bsuppress\s+as\s+(\w+)")


def check(module: Module) -> Iterator[Violation]:
    """Calls of suppress with a broad exception, exits that always return True, configured swallowers."""
    if module.is_test and not module.settings.tests:
        return
    yield from _suppressing(module)
    yield from _exiting(module)
    yield from _configured(module)


def _suppressing(module: Module) -> Iterator[Violation]:
    if "suppress" not in module.text:
        return
    for call, scope in module.calls(["suppress", *_ALIAS.findall(module.text)]):
        caught = [name for one in call.args if (name := broad_name(one, scope))]
        if caught and is_suppress(call, scope):
            what = f"suppress({min(caught)}) swallows whatever is raised in it"
            message = f"{what}; name the exceptions that you expect"
            yield module.violation(CODE, call, message, scope)


def _exiting(module: Module) -> Iterator[Violation]:
    if not any(name in module.text for name in _EXITS):
        return
    for node, scope, _ in module.compound:
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name in _EXITS
            and scope.kind == "class"
            and _always_true(node, scope.inside(node), module)
        ):
            what = f"{node.name} always returns True, which swallows every exception"
            message = f"{what}; return True for those that you expect"
            yield module.at_keyword(CODE, node, message, scope.inside(node))


def _always_true(node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope, module: Module) -> bool:
    returned = [one.value for one in statements(node.body) if isinstance(one, ast.Return)]
    if not returned or not all(isinstance(one, ast.Constant) and bool(one.value) for one in returned):
        return False
    asserts = any(isinstance(one, ast.Assert) for one in statements(node.body))
    return not asserts and module.exits(node.body, scope) == Exit.RETURN


def _configured(module: Module) -> Iterator[Violation]:
    if not module.settings.swallowers:
        return
    for node, scope, _ in module.compound:
        for item in node.items if isinstance(node, ast.With | ast.AsyncWith) else ():
            if is_swallower(item.context_expr, module.settings):
                expression = item.context_expr
                name = dotted(expression.func if isinstance(expression, ast.Call) else expression)
                message = f"{name} swallows whatever is raised in it; catch the exceptions that you expect"
                yield module.violation(CODE, expression, message, scope)
