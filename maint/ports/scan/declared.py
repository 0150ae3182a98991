"""Defaults that are declared: of command-line options, of fields, of look-ups in an environment."""

from __future__ import annotations

import ast
import re

from maint.ports.scan.scopes import Module, Scope, called

_ENVIRONMENT = re.compile(r"[A-Z][A-Z0-9_]+")
_DEFAULTS = ("default", "fallback", "default_value")
_LOOKUPS = frozenset({"get", "pop", "setdefault", "getenv", "get_int", "getint", "get_env", "get_setting"})
_FIELDS = frozenset(
    {"Field", "Option", "Argument", "ib", "field", "attrib", "Integer", "Int", "Unicode", "Property"}
)
_OPTIONS = frozenset({"option", "argument"})
_MODELS = frozenset({"BaseModel", "BaseSettings", "NamedTuple", "Struct", "Model", "Schema"})
_RECORDS = frozenset({"dataclass", "define", "s", "attrs", "frozen", "mutable"})


def options(module: Module) -> dict[str, tuple[ast.expr | None, Scope]]:
    """Destination of each command-line option -> its default and where that is written."""
    found: dict[str, tuple[ast.expr | None, Scope]] = {}
    for name in ("add_argument", "add_option", "define", "DEFINE_integer", "DEFINE_string", "DEFINE_int"):
        for call in module.by_name.get(name, []):
            value = _word(call.node, "default")
            if value is None and name.startswith("DEFINE") and len(call.node.args) > 1:
                value = call.node.args[1]
            if destination := _destination(call.node):
                found.setdefault(destination, (value, call.scope))
    return found


def decorated(node: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> ast.expr | None:
    """The default that a decorator ``@click.option("--port", default=…)`` gives a parameter."""
    for one in node.decorator_list:
        if isinstance(one, ast.Call) and called(one) in _OPTIONS and _destination(one) == name:
            return _word(one, "default")
    return None


def fallback(node: ast.Call) -> ast.expr | None:
    """What a call returns when what it looks for is not there; None where it is no such call."""
    name = called(node)
    for word in _DEFAULTS:
        if (value := _word(node, word)) is not None:
            return value
    if name in _FIELDS and node.args:
        return node.args[0]
    if len(node.args) < 2 or not isinstance(node.args[0], ast.Constant | ast.Name | ast.JoinedStr):
        return None
    first = node.args[0].value if isinstance(node.args[0], ast.Constant) else ""
    is_variable = isinstance(first, str) and _ENVIRONMENT.fullmatch(first) is not None
    return node.args[1] if name in _LOOKUPS or (is_variable and len(node.args) == 2) else None


def is_property(node: ast.AST | None) -> bool:
    """Whether a function is read as an attribute."""
    decorators = getattr(node, "decorator_list", [])
    names = {one.id if isinstance(one, ast.Name) else getattr(one, "attr", "") for one in decorators}
    return bool(names & {"property", "cached_property"})


def has_fields(node: ast.AST) -> bool:
    """Whether what a class assigns are the defaults of its instances: a dataclass, a model."""
    decorators = [
        one.func if isinstance(one, ast.Call) else one for one in getattr(node, "decorator_list", [])
    ]
    names = {one.id if isinstance(one, ast.Name) else getattr(one, "attr", "") for one in decorators}
    bases = {
        one.id if isinstance(one, ast.Name) else getattr(one, "attr", "")
        for one in getattr(node, "bases", [])
    }
    return bool(names & _RECORDS or bases & _MODELS)


def _word(node: ast.Call, name: str) -> ast.expr | None:
    return next((word.value for word in node.keywords if word.arg == name), None)


def _destination(node: ast.Call) -> str:
    """The name that an option's value gets: ``dest``, else its first long flag, else its first name."""
    given = _word(node, "dest")
    if isinstance(given, ast.Constant):
        return str(given.value)
    names = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    plain = [one for one in names if not one.startswith("-") and one.isidentifier()]
    long = [one.lstrip("-") for one in names if one.startswith("--")]
    short = [one.lstrip("-") for one in names if one.startswith("-")]
    chosen = plain or long or short
    return chosen[0].partition("/")[0].replace("-", "_") if chosen else ""
