"""What a try body can raise by its source: raise statements and documented exceptions, one call deep."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from keyword import iskeyword
from typing import NamedTuple

from maint.fix.narrowing.lifting import builtin_bases
from maint.fix.narrowing.project import Project, module_name, readings
from maint.fix.source import Source
from maint.lint.blocks import expressions
from maint.lint.handlers import Handler
from maint.lint.scope import Scope, dotted

Function = ast.FunctionDef | ast.AsyncFunctionDef
_FIELD = re.compile(r":raises?\s+([\w.]+(?:\s*,\s*[\w.]+)*)\s*:")
_ENTRY = re.compile(r"^[ \t]*([A-Za-z_][\w.]*)[ \t]*(?::|$)")


class Site(NamedTuple):
    """A module and the scope in which names are looked up."""

    source: Source
    scope: Scope


class Hint(NamedTuple):
    """``kind`` is ``module:name``; ``why`` says where it is raised or documented."""

    kind: str
    why: str


def hints(source: Source, handler: Handler, project: Project) -> list[Hint]:
    """The exceptions that the try body of ``handler`` and the project's functions it calls name."""
    here = Site(source, handler.scope)
    found = dict.fromkeys(_raised(handler.try_node.body, here, project, "raised in the try body"))
    for node in expressions(handler.try_node.body):
        if isinstance(node, ast.Call):
            for place, function in _resolved(node.func, here, project):
                found.update(dict.fromkeys(_of(function, place, project)))
    return list(found)


def _of(function: Function, place: Site, project: Project) -> Iterator[Hint]:
    inside = Site(place.source, place.scope.inside(function))
    yield from _raised(function.body, inside, project, f"raised in {function.name}()")
    for name in documented(ast.get_docstring(function) or ""):
        for kind in _kinds(ast.parse(name, mode="eval").body, place, project):
            yield Hint(kind, f"documented by {function.name}()")


def _raised(body: list[ast.stmt], place: Site, project: Project, why: str) -> Iterator[Hint]:
    for node in expressions(body):
        if isinstance(node, ast.Raise) and node.exc is not None:
            expression = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            for kind in _kinds(expression, place, project):
                yield Hint(kind, why)


def _kinds(expression: ast.expr, place: Site, project: Project) -> Iterator[str]:
    source, scope = place
    name = dotted(expression)
    if name and any(isinstance(node, ast.ClassDef) and node.name == name for node in source.tree.body):
        yield f"{module_name(source.path)}:{name}"
        return
    for origin in scope.origins(expression):
        for reading in readings(origin, source.path):
            module, _, kind = reading.rpartition(".")
            is_there = module in project.paths if origin.startswith(".") else bool(module)
            # a name in lower case is a variable or a function that makes the exception
            if is_there and kind[:1].isupper() and (module != "builtins" or builtin_bases(kind)):
                yield f"{module}:{kind}"


def _resolved(called: ast.expr, place: Site, project: Project) -> Iterator[tuple[Site, Function]]:
    """The functions of the project that ``called`` names: of the module, of ``self``, or imported."""
    source, scope = place
    name = dotted(called)
    root, _, rest = name.partition(".")
    top = _module_scope(scope)
    if root in ("self", "cls") and rest:
        classes = [node for node in source.tree.body if isinstance(node, ast.ClassDef)]
        own = [node for node in classes if node.name == scope.symbol.partition(".")[0]]
        for node in own:
            yield from ((Site(source, top.inside(node)), one) for one in _functions(node.body, rest))
    elif name and not rest and scope.lookup(name):
        yield from ((Site(source, top), one) for one in _functions(source.tree.body, name))
    for origin in scope.origins(called) if name else ():
        for reading in readings(origin, source.path):
            module, _, function = reading.rpartition(".")
            there = project.source(module) if module else None
            if there is not None:
                outer = Site(there, Scope(there.tree, "module", None, ""))
                yield from ((outer, one) for one in _functions(there.tree.body, function))


def _functions(body: list[ast.stmt], name: str) -> list[Function]:
    return [node for node in body if isinstance(node, Function) and node.name == name]


def _module_scope(scope: Scope) -> Scope:
    while scope.parent is not None:
        scope = scope.parent
    return scope


def documented(docstring: str) -> list[str]:
    """The names that a docstring says are raised: Sphinx fields, Google's and NumPy's sections."""
    names = [name.strip() for match in _FIELD.finditer(docstring) for name in match[1].split(",")]
    lines = docstring.splitlines()
    for index, line in enumerate(lines):
        if line.strip() in ("Raises", "Raises:"):
            names += _section(lines[index:])
    return [name for name in dict.fromkeys(names) if all(map(_is_name, name.split(".")))]


def _is_name(word: str) -> bool:
    return word.isidentifier() and not iskeyword(word)


def _section(lines: list[str]) -> Iterator[str]:
    """The entries below a heading: lines of the first one's indentation, up to a blank line or less of it."""
    below = [line for line in lines[1:] if set(line.strip()) != {"-"}]
    depth = len(below[0]) - len(below[0].lstrip()) if below else 0
    for line in below:
        indented = len(line) - len(line.lstrip())
        if not line.strip() or indented < depth:
            return
        match = _ENTRY.match(line)
        if indented == depth and match:
            yield match[1]
