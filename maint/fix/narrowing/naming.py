"""How a type is written in one module: by a name it has there already, or with an import."""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import NamedTuple

from maint.fix.narrowing.lifting import package
from maint.fix.narrowing.project import absolute, module_name
from maint.fix.proposal import Import
from maint.fix.source import Source
from maint.lint.handlers import Handler


class Written(NamedTuple):
    """The expression, and the import that it needs, if any."""

    text: str
    needed: Import | None = None


def written(source: Source, handler: Handler, kind: str, own: Collection[str]) -> Written | None:
    """How ``kind`` (``module:name``) is written at ``handler``.

    None for a type of the project itself that the module does not import: whether it can without going in a
    circle is not for a fixer to decide.
    """
    module, _, name = kind.partition(":")
    if module == "builtins":
        return Written(name) if handler.scope.lookup(name) is None else None
    known = _known(source, handler, module, name)
    if known:
        return Written(known)
    if package(kind) in own or "." in name:
        return None
    if handler.scope.lookup(name) is None:
        return Written(name, Import(module, name))
    if handler.scope.lookup(module.partition(".")[0]) is None:
        return Written(f"{module}.{name}", Import(module))
    return None


def _known(source: Source, handler: Handler, module: str, name: str) -> str:
    """The type by what the module defines or imports at its top, or an empty string."""
    here = module_name(source.path)
    for node in source.tree.body:
        found = ""
        if isinstance(node, ast.ClassDef):
            # a package may export the class under its own name
            is_it = node.name == name and (here == module or here.startswith(module + "."))
            found = node.name if is_it else ""
        elif isinstance(node, ast.ImportFrom):
            found = _from(node, source.path, module, name)
        elif isinstance(node, ast.Import):
            found = _whole(node, module, name)
        if found and _is_seen(handler, found.partition(".")[0]):
            return found
    return ""


def _from(node: ast.ImportFrom, path: str, module: str, name: str) -> str:
    origin = absolute("." * node.level + (node.module or ""), path)
    for alias in node.names:
        target = f"{origin}.{alias.name}"
        # a type is known by its shortest import, a module may use a longer one
        if alias.name == name and (origin == module or origin.startswith(module + ".")):
            return alias.asname or alias.name
        if target == module:
            return f"{alias.asname or alias.name}.{name}"
    return ""


def _whole(node: ast.Import, module: str, name: str) -> str:
    for alias in node.names:
        if alias.name == module:
            return f"{alias.asname or alias.name}.{name}"
        if not alias.asname and alias.name.startswith(module + "."):
            return f"{module}.{name}"
    return ""


def _is_seen(handler: Handler, name: str) -> bool:
    """Whether ``name`` means at the handler what it means at the top of the module."""
    found = handler.scope.lookup(name)
    return found is not None and found[1].kind == "module"
