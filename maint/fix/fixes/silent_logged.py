"""A silent broad handler: log the exception first. Unsafe, somebody may count on the silence."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from maint.fix.proposal import Edit, Import, Proposal
from maint.fix.source import Source
from maint.fix.target import Target
from maint.lint.handlers import Handler
from maint.lint.scope import dotted

CODE = "MNT010"


def proposals(target: Target) -> Iterator[Proposal]:
    """One for each handler that MNT010 reports and where ``logging`` can be named."""
    for handler in target.reported(CODE):
        logger, needed = _logger(target, handler)
        if logger:
            call = f'{logger}.exception("ignored in {handler.symbol or target.source.path}")'
            imports = (Import("logging"),) if needed else ()
            edit = _edit(target, handler, call)
            yield Proposal(CODE, handler.node.lineno, "log what is ignored", False, (edit,), imports)


def _edit(target: Target, handler: Handler, call: str) -> Edit:
    """``call`` instead of a lone ``pass``, else in front of the first statement."""
    source, body = target.source, handler.node.body
    start, end = source.span(body[0])
    if len(body) == 1 and _says_nothing(body[0]):
        return Edit(start, end, call)
    between = source.newline + source.indentation(start) if _opens_line(source, start) else "; "
    return Edit(start, start, call + between)


def _opens_line(source: Source, offset: int) -> bool:
    """Whether nothing is in front of ``offset`` but the indentation of a line of its own."""
    start = source.line_start(offset)
    return not source.text[start:offset].strip() and not source.text[:start].rstrip("\r\n").endswith("\\")


def _says_nothing(statement: ast.stmt) -> bool:
    is_dots = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_dots or isinstance(statement, ast.Pass)


def _logger(target: Target, handler: Handler) -> tuple[str, bool]:
    """The module's own logger, else one made on the spot, and whether ``logging`` has to be imported."""
    if handler.symbol:  # at module level it may not be there yet
        for node in target.source.tree.body:
            name = _assigned_logger(node)
            found = handler.scope.lookup(name) if name else None
            if found is not None and found[1].kind == "module" and len(found[0]) == 1:
                return name, False
    found = handler.scope.lookup("logging")
    if found is None:
        return "logging.getLogger(__name__)", True
    is_ours = found[1].kind == "module" and set(map(str, found[0])) == {"logging"}
    return ("logging.getLogger(__name__)", True) if is_ours else ("", False)


def _assigned_logger(node: ast.stmt) -> str:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=function)):
            return name if dotted(function) in ("logging.getLogger", "getLogger") else ""
        case _:
            return ""
