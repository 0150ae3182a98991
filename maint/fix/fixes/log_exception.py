"""``logger.error(...)`` in a broad handler: ``.exception(...)``. Safe: same level, with the traceback."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from maint.fix.proposal import Edit, Proposal
from maint.fix.target import Target

CODE = "MNT014"


def proposals(target: Target) -> Iterator[Proposal]:
    """One for each call that MNT014 reports, where nothing is said about ``exc_info`` yet."""
    places = {(one.line, one.column) for one in target.at(CODE)}
    for handler in target.source.handlers:
        inner = _inner(handler.node)
        for call in target.module.reaction(handler).logs if handler.broad else ():
            first = target.module.characters(call.lineno, call.col_offset) + 1
            if (call.lineno, first) in places and id(call) not in inner and _is_plain(call):
                end = target.source.span(call.func)[1]
                edit = Edit(end - len("error"), end, "exception")
                yield Proposal(CODE, call.lineno, "error() -> exception()", True, (edit,))


def _inner(handler: ast.ExceptHandler) -> set[int]:
    """The nodes of handlers in this one: there another exception is the current one."""
    others = [one for one in ast.walk(handler) if isinstance(one, ast.ExceptHandler) and one is not handler]
    return {id(node) for other in others for node in ast.walk(other)}


def _is_plain(call: ast.Call) -> bool:
    named = {keyword.arg for keyword in call.keywords}
    is_error = isinstance(call.func, ast.Attribute) and call.func.attr == "error"
    return is_error and named.isdisjoint({"exc_info", None})
