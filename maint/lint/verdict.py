"""Whether a broad handler may be as broad as it is, and if not, why."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from maint.lint.boundary import is_boundary, is_disabled_for_pylint
from maint.lint.flow import JUMP, Exit

if TYPE_CHECKING:
    from maint.lint.handlers import Handler
    from maint.lint.module import Module
    from maint.lint.walk import Place


class Fault(NamedTuple):
    """Why a broad handler is not exempt, and the shortest remedy."""

    why: str
    remedy: str


_NARROW = "name the exceptions that you expect, or end with raise"


def fault(handler: Handler, module: Module) -> Fault | None:
    """What is wrong with a broad handler; None when it re-raises on every path or is a boundary that reports.

    A boundary is judged before the rest: what it lacks is a report, not another exception.
    """
    ways = module.exits(handler.node.body, handler.scope)
    finally_line = _cancelling_finally(handler, module) if ways & Exit.RAISE else 0
    if ways == Exit.RAISE and not finally_line:
        return None
    done = module.reaction(handler)
    if is_boundary(handler, module):
        if done.reports:
            return None
        return Fault("is a boundary that does not report", "log it there, or return an exit status")
    if module.settings.pylint_disables_are_ok and is_disabled_for_pylint(handler, module):
        return None
    if done.traceback and module.settings.logged_is_ok:
        return None
    if finally_line:
        return Fault(
            f"has its raise cancelled by the finally in line {finally_line}",
            "move the return out of the finally",
        )
    return Fault(_why(ways, raises=done.raises, logs=done.traceback, silent=done.is_silent), _NARROW)


def _why(ways: int, *, raises: bool, logs: bool, silent: bool) -> str:
    if raises:
        return "re-raises on some paths only" if ways & Exit.RAISE else "has a raise that does not get out"
    if logs:
        return "goes on (logged)"
    return "drops it silently" if silent else "goes on"


def _cancelling_finally(handler: Handler, module: Module) -> int:
    """The line of the innermost finally around a handler that returns, breaks or continues; 0 for none."""
    place: Place | None = handler.place
    while place is not None:
        node = place.node
        last = node.finalbody if isinstance(node, ast.Try | ast.TryStar) and place.part != "finalbody" else []
        if last and module.exits(last, handler.scope) & JUMP:
            return last[0].lineno
        place = place.outer
    return 0
