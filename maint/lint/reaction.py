"""What a handler does with the exception: the facts that the rules on handlers share."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

from maint.lint.blocks import expressions
from maint.lint.scope import dotted
from maint.lint.settings import matches

if TYPE_CHECKING:
    from collections.abc import Iterable

_LEVELS = frozenset({"critical", "error", "exception", "fatal", "info", "log", "warn", "warning", "debug"})
_LOGGER = re.compile(r"(?:^|_)(?:log|logs)$|(?:logger|logging)$", re.IGNORECASE)
_FACTORIES = frozenset({"getLogger", "get_logger", "getChild"})


class Reaction(NamedTuple):
    """``logs`` are the calls of a logger; ``traceback`` is whether any call records where it happened."""

    calls: bool
    raises: bool
    uses: bool
    answers: bool
    logs: list[ast.Call]
    traceback: bool

    @property
    def is_silent(self) -> bool:
        """No call, no raise, no use of the exception."""
        return not (self.calls or self.raises or self.uses)

    @property
    def reports(self) -> bool:
        """Whether a boundary may do just this: a call, a raise, or a value returned that is not None."""
        return self.calls or self.raises or self.answers


def reaction(handler: ast.ExceptHandler, report_callables: Iterable[str]) -> Reaction:
    """What the handler's own frame does; the bodies of functions defined in it do not count."""
    calls: list[ast.Call] = []
    raises = uses = answers = False
    for node in expressions(handler.body):
        if isinstance(node, ast.Call):
            calls.append(node)
        elif isinstance(node, ast.Raise):
            raises = True
        elif isinstance(node, ast.Name):
            uses = uses or (node.id == handler.name and isinstance(node.ctx, ast.Load))
        elif isinstance(node, ast.Return):
            answers = answers or _is_answer(node.value)
    traceback = any(_records_traceback(call, report_callables) for call in calls)
    return Reaction(bool(calls), raises, uses, answers, [call for call in calls if is_log(call)], traceback)


def is_log(call: ast.Call) -> bool:
    """Whether a call is one of a logger's: ``log.error(...)``, ``self.logger.info(...)``."""
    function = call.func
    return isinstance(function, ast.Attribute) and function.attr in _LEVELS and _is_logger(function.value)


def _is_logger(receiver: ast.expr) -> bool:
    if isinstance(receiver, ast.Call):
        receiver = receiver.func
        name = receiver.attr if isinstance(receiver, ast.Attribute) else dotted(receiver)
        return name in _FACTORIES
    name = receiver.attr if isinstance(receiver, ast.Attribute) else dotted(receiver)
    return bool(_LOGGER.search(name))


def _records_traceback(call: ast.Call, report_callables: Iterable[str]) -> bool:
    if is_log(call):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "exception":
            return not any(one.arg == "exc_info" and _is_false(one.value) for one in call.keywords)
        return any(one.arg == "exc_info" and not _is_false(one.value) for one in call.keywords)
    name = dotted(call.func)
    attribute = call.func.attr if isinstance(call.func, ast.Attribute) else name
    return matches(attribute, report_callables) or matches(name, report_callables)


def _is_answer(value: ast.expr | None) -> bool:
    return value is not None and not (isinstance(value, ast.Constant) and value.value is None)


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and not value.value
