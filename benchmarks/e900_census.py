"""Every handler of a file with what can be read off it: the header, the comments, raises and logs.

It shares no code with the engine of E900, and judges nothing.
"""

from __future__ import annotations

import ast
import re
import tokenize
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

BROAD = {"Exception", "BaseException"}
# comments that switch a tool off: for a file or a block, and for a line
_PYLINT = r"pylint: *disable=.*(broad-except|bare-except|broad-exception-caught|W070[23]|W0718)"
WHOLE = re.compile(rf"^\s*# *(flake8: noqa|ruff: noqa|pylint: *skip-file|{_PYLINT}).*", re.M)
LINE = re.compile(rf"# *((?i:noqa)(: *[A-Z]+\d+(, *[A-Z]+\d+)*)?|{_PYLINT})")


class Handler(NamedTuple):
    """What can be read off a handler without judging it."""

    path: str
    line: int
    end: int
    header: str
    comment: str
    raises: str
    logs: bool
    main: bool


def census(path: Path) -> list[Handler]:
    """Every handler of a file that says something broad by name, or whose header hides what it catches."""
    try:
        with warnings.catch_warnings(), tokenize.open(path) as file:
            warnings.simplefilter("ignore")
            text = file.read()
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, OSError):
        return []
    lines, found = text.splitlines(), []
    whole = "; ".join(found_in[0].strip() for found_in in WHOLE.finditer(text))
    todo: list[tuple[ast.AST, bool]] = [(tree, False)]
    while todo:
        node, main = todo.pop()
        if isinstance(node, ast.ExceptHandler):
            found.append(_handler(node, path, lines, main, whole))
        main = _in_main(node, main)
        todo += [(child, main) for child in ast.iter_child_nodes(node)]
    return sorted(found, key=lambda one: one.line)


def _in_main(node: ast.AST, main: bool) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return node.name in ("main", "_main")
    return main or (
        isinstance(node, ast.If)
        and "__name__" in ast.unparse(node.test)
        and "__main__" in ast.unparse(node.test)
    )


def _handler(node: ast.ExceptHandler, path: Path, lines: list[str], main: bool, whole: str) -> Handler:
    end = (node.type or node).end_lineno if node.type else node.lineno
    header = " ".join(lines[node.lineno - 1 : end])
    comment = "; ".join([*([whole] if whole else []), *(found[0].strip() for found in LINE.finditer(header))])
    inside = list(_own(node.body))
    raises = "no"
    if any(isinstance(one, ast.Raise) for one in inside):
        raises = "ends" if isinstance(node.body[-1], ast.Raise) else "somewhere"
    logs = any(isinstance(one, ast.Call) and _logs(one) for one in inside)
    return Handler(str(path), node.lineno, end, _header(node.type), comment, raises, logs, main)


def _own(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes below, without what nested functions and classes hold."""
    todo: list[ast.AST] = list(body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            todo += ast.iter_child_nodes(node)


def _logs(call: ast.Call) -> bool:
    named = isinstance(call.func, ast.Attribute) and call.func.attr == "exception"
    return named or any(one.arg == "exc_info" and not _false(one.value) for one in call.keywords)


def _false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and not value.value


def _header(caught: ast.expr | None) -> str:
    if caught is None:
        return "bare"
    names = [one for one in ast.walk(caught) if isinstance(one, ast.Name | ast.Attribute)]
    words = {one.id if isinstance(one, ast.Name) else one.attr for one in names} & BROAD
    if not words:
        return "typed"
    if isinstance(caught, ast.Name):
        return caught.id
    return "attribute" if isinstance(caught, ast.Attribute) else "tuple with " + max(words, key=len)
