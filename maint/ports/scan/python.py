"""A Python file as the scan keeps it: drafts of its sites, and what other files may ask it for."""

from __future__ import annotations

import ast
import re
import warnings
from pathlib import PurePosixPath

import msgspec

from maint.lint.decoding import decoded
from maint.ports.scan import calls, suppression
from maint.ports.scan.expression import Expression, Opaque, Ref
from maint.ports.scan.forms import FORMS, METHODS, SERVERS
from maint.ports.scan.lowering import Lowering
from maint.ports.scan.objects import At
from maint.ports.scan.recovery import recovered
from maint.ports.scan.scopes import Binding, Module, Scope
from maint.ports.scan.site import Draft

_NAMES = "|".join(sorted({*FORMS, *METHODS, *SERVERS} - {"get", "post", "put", "delete"}))
_CALL = re.compile(rf"\b(?:{_NAMES})\s*\(|\b(?:requests|httpx)\b|(?:HTTP|TCP|UDP|XMLRPC)Server\b".encode())
_MOST_EXPORTS = 2_000


class Facts(msgspec.Struct, frozen=True, array_like=True):
    """What one file says; ``complaint`` is why it could not be read as what it is, ``""`` where it could."""

    drafts: list[Draft] = []
    complaint: str = ""


def is_interesting(content: bytes) -> bool:
    """Whether a file has any call that could bind or connect."""
    return _CALL.search(content) is not None


def facts(content: bytes, path: str) -> Facts:
    """The sites of a Python file; one that does not parse is read as far as it goes."""
    text = decoded(content).text
    tree, complaint = parsed(text)
    module = Module(tree, str(PurePosixPath(path).parent).removeprefix("."))
    found = calls.drafts(module, Lowering(module), text)
    lines = text.split("\n")
    return Facts([suppression.with_reason(one, lines) for one in found], complaint)


def exports(content: bytes, path: str) -> dict[str, Expression]:
    """Dotted name -> value of what a module's own level, its classes and its tables hold."""
    tree, _ = parsed(decoded(content).text)
    module = Module(tree, str(PurePosixPath(path).parent).removeprefix("."))
    lowering = Lowering(module)
    found: dict[str, Expression] = {}
    end = At(module.top, 1 << 30, ())
    for name, bindings in module.top.names.items():
        for key, value in _exported(name, bindings, lowering, end).items():
            if not isinstance(value, Opaque) and len(found) < _MOST_EXPORTS:
                found[key] = value
    for index, star in enumerate(module.top.stars):
        found[f"*{index}"] = Ref(star, "")
    return found


def parsed(text: str) -> tuple[ast.Module, str]:
    """The tree, and why it is not that of the whole file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text), ""
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = getattr(error, "lineno", None)
            what = getattr(error, "msg", None) or str(error)
            where = f"line {line}: " if line else ""
            return recovered(
                text
            ), f"does not parse ({where}{what}); read without the lines that are in the way"


def _exported(name: str, bindings: list[Binding], lowering: Lowering, end: At) -> dict[str, Expression]:
    last = bindings[-1]
    if last.kind == "class":
        scope = lowering.module.scopes[last.node]  # type: ignore[index]
        return _of_class(name, scope, lowering)
    if last.kind == "import":
        return {name: Ref(last.module, last.name)}
    behind = lowering.behind(ast.Name(name, ast.Load()), end)
    if isinstance(behind.node, ast.Dict) and behind.at is not None:
        return dict(_of_table(name, behind.node, behind.at, lowering, 0))
    if behind.scope is not None:
        return {name: Ref("", behind.scope.node.name)}  # type: ignore[attr-defined]
    return {name: lowering.lower(ast.Name(name, ast.Load()), end)}


def _of_class(name: str, scope: Scope, lowering: Lowering) -> dict[str, Expression]:
    at = At(lowering.module.top, 1 << 30, ())
    keys = {*scope.names, *scope.attributes}
    found = {f"{name}.{key}": lowering.lower(ast.Attribute(ast.Name(name), key), at) for key in sorted(keys)}
    bases = [base for base in scope.node.bases if isinstance(base, ast.Name | ast.Attribute)]  # type: ignore[attr-defined]
    for index, base in enumerate(bases):
        behind = lowering.behind(base, at)
        if behind.ref is not None:
            found[f"{name}.*{index}"] = behind.ref
        elif behind.scope is not None:
            found[f"{name}.*{index}"] = Ref("", behind.scope.node.name)  # type: ignore[attr-defined]
    return found


def _of_table(
    name: str, node: ast.Dict, at: At, lowering: Lowering, depth: int
) -> list[tuple[str, Expression]]:
    found: list[tuple[str, Expression]] = []
    for key, value in zip(node.keys, node.values, strict=True):
        if not isinstance(key, ast.Constant):
            continue
        dotted = f"{name}.{key.value!s}"
        if isinstance(value, ast.Dict) and depth < 4:
            found += _of_table(dotted, value, at, lowering, depth + 1)
        else:
            found.append((dotted, lowering.lower(value, at)))
    return found
