"""MNT013 cancelled-raise: the code says that an error gets out, and it does not."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from maint.lint.blocks import blocks, statements
from maint.lint.contexts import is_suppress, is_swallower
from maint.lint.flow import JUMP, Exit
from maint.lint.handlers import broad_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from maint.lint.blocks import Block
    from maint.lint.handlers import Handler
    from maint.lint.module import Module
    from maint.lint.scope import Scope
    from maint.lint.violation import Violation

    Inner = ast.Try | ast.TryStar | ast.With | ast.AsyncWith
    Cancelled = tuple[ast.Raise, Scope, str]

CODE = "MNT013"

_ALL = "*"

VALID = """
--- a finally that cleans up
def f():
    try: g()
    except OSError: raise
    finally: close()
--- a loop of its own in the finally
def f():
    try: raise OSError
    finally:
        for one in many: break
--- the handler is what the raise is for
def f():
    try: raise KeyError
    except KeyError: return 1
    finally: close()
--- an inner try that cleans up
except OSError:
    try: close()
    except OSError: pass
    raise
--- the inner handler translates
except OSError:
    try: raise
    except OSError as error: raise ShopError from error
--- the inner handler catches something else
except OSError:
    try: raise
    except ValueError: pass
--- something new, for the inner handler
except OSError:
    try:
        if not found: raise ValueError
    except ValueError: found = 1
--- suppress of something else
from contextlib import suppress
try: f()
except OSError:
    with suppress(KeyError): raise
--- a raise in a function that is defined there
def f():
    try: pass
    finally:
        return lambda: 1
"""

INVALID = """
--- a return in the finally
def f():
    try: g()
    except OSError: raise  # !
    finally: return 1
--- without a handler
def f():
    try: raise OSError  # !
    finally: return 1
--- a break in the finally
def f():
    for one in many:
        try: g(one)
        except OSError: raise  # !
        finally: break
--- on some paths
def f():
    try: g()
    except OSError: raise  # !
    finally:
        if done: return 1
--- in a nested block
def f():
    try: g()
    except OSError:
        if bad: raise ShopError  # !
    finally: return 1
--- caught again
except Exception:
    try: raise  # !
    except Exception: pass
--- caught again by its type
except OSError:
    try: raise  # !
    except OSError: pass
--- by its name
except OSError as error:
    try: raise error  # !
    except OSError: pass
--- suppressed
from contextlib import suppress
try: f()
except OSError:
    with suppress(Exception): raise  # !
--- suppressed by its type
import contextlib
try: f()
except KeyError:
    with contextlib.suppress(KeyError): raise  # !
"""


def check(module: Module) -> Iterator[Violation]:
    """What a finally cancels, and re-raises that do not leave their handler."""
    if "raise" not in module.text or (module.is_test and not module.settings.tests):
        return
    seen: set[int] = set()
    for node, scope, why in (*_by_finally(module), *_in_handlers(module)):
        if id(node) not in seen:
            seen.add(id(node))
            yield module.violation(CODE, node, f"this raise never gets out: {why}", scope)


def _by_finally(module: Module) -> Iterator[Cancelled]:
    if "finally" not in module.text:
        return
    for node, scope, _ in module.compound:
        if not isinstance(node, ast.Try | ast.TryStar) or not node.finalbody:
            continue
        if not module.exits(node.finalbody, scope) & JUMP:
            continue
        why = (
            f"the finally in line {node.finalbody[0].lineno} leaves by another way; move the return out of it"
        )
        parts = [one.body for one in node.handlers] or [node.body]
        for block in (*parts, node.orelse):
            yield from ((one, scope, why) for one in _raises(block))


def _in_handlers(module: Module) -> Iterator[Cancelled]:
    """Re-raises that do not leave their handler; something new may well be raised for the one inside."""
    for handler in module.handlers:
        for inner in statements(handler.node.body):
            if isinstance(inner, ast.Try | ast.TryStar | ast.With | ast.AsyncWith):
                why = _why_caught(inner, handler, module)
                again = [one for one in _raises(inner.body) if _is_same(one, handler)] if why else ()
                yield from ((one, handler.scope, why) for one in again)


def _is_same(node: ast.Raise, handler: Handler) -> bool:
    return node.exc is None or (isinstance(node.exc, ast.Name) and node.exc.id == handler.node.name)


def _why_caught(inner: Inner, outer: Handler, module: Module) -> str:
    """Why what ``outer`` caught would not get out of ``inner``, a statement in it; ``""`` when it would."""
    scope = outer.scope
    raised = _caught(outer.node.type, scope)
    if isinstance(inner, ast.With | ast.AsyncWith):
        caught = {name for item in inner.items for name in _swallowed(item.context_expr, scope, module)}
        held = _ALL in caught or bool(caught & raised)
        return f"the with in line {inner.lineno} swallows it; move it out of the block" if held else ""
    for handler in inner.handlers:
        caught = _caught(handler.type, scope)
        if _ALL in caught or caught & raised:
            if module.exits(handler.body, scope) == Exit.RAISE:
                return ""
            return f"the except in line {handler.lineno} catches it; move it behind the inner try"
    return ""


def _swallowed(expression: ast.expr, scope: Scope, module: Module) -> set[str]:
    """The exceptions that a context manager is known to swallow."""
    if is_swallower(expression, module.settings):
        return {_ALL}
    if isinstance(expression, ast.Call) and is_suppress(expression, scope):
        return {name for one in expression.args for name in _caught(one, scope)}
    return set()


def _caught(expression: ast.expr | None, scope: Scope) -> set[str]:
    """The names of the classes that an except or a suppress names, with ``_ALL`` for a broad one."""
    if expression is None:
        return {_ALL}
    found = set(scope.origins(expression)) - {""}
    return found | {_ALL} if broad_name(expression, scope) else found


def _raises(block: Block) -> Iterator[ast.Raise]:
    """The raise statements of a block that no handler in it can be meant for."""
    pending = [block]
    while pending:
        for statement in pending.pop():
            if isinstance(statement, ast.Raise):
                yield statement
            caught = isinstance(statement, ast.Try | ast.TryStar) and bool(statement.handlers)
            pending += [inner for part, inner in blocks(statement) if not (caught and part == "body")]
