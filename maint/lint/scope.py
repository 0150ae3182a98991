"""Who binds a name: the scopes of a module and what their names stand for."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, Literal, NamedTuple

from maint.lint.blocks import expressions, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

# what a name is bound to: an expression, the dotted name of an import, or something else (None)
Bound = ast.expr | str | None
Kind = Literal["module", "class", "function"]

_BUILTINS = frozenset(dir(builtins))
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (*_FUNCTIONS, ast.ClassDef)


class Rare(NamedTuple):
    """The rarer ways to bind a name that a file may have: to look for them would be most of the work.

    ``walrus`` is ``:=``, in any expression; ``outward`` is ``global`` and ``nonlocal``, in any function.
    """

    walrus: bool = True
    outward: bool = True

    @classmethod
    def of(cls, text: str) -> Rare:
        """What the source of a file has, comments and strings included."""
        return cls(":=" in text, "global" in text or "nonlocal" in text)


class Scope:
    """A module, a class or a function; ``symbol`` is its qualified name, ``""`` for the module."""

    __slots__ = ("_globals", "_names", "kind", "node", "parent", "rare", "symbol")

    def __init__(
        self, node: ast.AST, kind: Kind, parent: Scope | None, symbol: str, rare: Rare | None = None
    ) -> None:
        self.node = node
        self.kind = kind
        self.parent = parent
        self.symbol = symbol
        self.rare = rare or Rare()
        self._names: dict[str, list[Bound]] | None = None
        self._globals: set[str] = set()

    def inside(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Scope:
        """The scope of a function or class that is defined here."""
        symbol = f"{self.symbol}.{node.name}" if self.symbol else node.name
        kind: Kind = "class" if isinstance(node, ast.ClassDef) else "function"
        return Scope(node, kind, self, symbol, self.rare)

    @property
    def names(self) -> dict[str, list[Bound]]:
        """Every name bound here with all that it is bound to; nested scopes have their own."""
        if self._names is None:
            found: dict[str, list[Bound]] = {}
            bindings, self._globals = _bindings(self.node, walrus=self.rare.walrus)
            for name, bound in bindings:
                found.setdefault(name, []).append(bound)
            for name in _bound_from_inside(self.node) if self.rare.outward else ():
                # a nonlocal name belongs to a scope only if that binds it, too
                if self.kind == "module" or name in found:
                    found.setdefault(name, []).append(None)
            self._names = found
        return self._names

    def lookup(self, name: str) -> tuple[list[Bound], Scope] | None:
        """What ``name`` stands for as seen from here, and in which scope; None for a builtin or unknown."""
        scope: Scope | None = self
        while scope is not None:
            # the names of a class are not seen from the functions in it
            if scope is self or scope.kind != "class":
                if name in scope.names:
                    return scope.names[name], scope
                if name in scope._globals and scope.parent is not None:
                    scope = scope._module()
                    continue
            scope = scope.parent
        return None

    def _module(self) -> Scope:
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def origins(self, expression: ast.expr) -> Iterator[str]:
        """The dotted names of all that ``expression`` may stand for; ``""`` for what cannot be told.

        Follows imports and names that are bound once, through tuples, ``*``, ``+`` and ``a if b else c``.
        """
        pending: list[tuple[ast.expr, Scope]] = [(expression, self)]
        seen: set[tuple[Scope, str]] = set()
        while pending:
            node, scope = pending.pop()
            match node:
                case ast.Name(id=name):
                    found = scope.lookup(name)
                    if found is None:
                        yield f"builtins.{name}" if name in _BUILTINS else ""
                    elif (found[1], name) not in seen:
                        seen.add((found[1], name))
                        bound = _only(found[0])
                        if isinstance(bound, ast.expr):
                            pending.append((bound, found[1]))
                        else:
                            yield bound or ""
                case ast.Attribute():
                    yield scope._attribute(node)
                case ast.Tuple(elts=elements):
                    pending += [(element, scope) for element in elements]
                case ast.Starred(value=value) | ast.NamedExpr(value=value):
                    pending.append((value, scope))
                case ast.BinOp(left=left, op=ast.Add(), right=right):
                    pending += [(left, scope), (right, scope)]
                case ast.IfExp(body=body, orelse=orelse):
                    pending += [(body, scope), (orelse, scope)]
                case _:
                    yield ""

    def _attribute(self, node: ast.Attribute) -> str:
        """The dotted name of an attribute of an import, which may have other names: ``b = builtins``."""
        root, _, rest = dotted(node).partition(".")
        scope, seen = self, set[tuple[Scope, str]]()
        while rest and (found := scope.lookup(root)) and (found[1], root) not in seen:
            seen.add((found[1], root))
            bound, scope = _only(found[0]), found[1]
            if not isinstance(bound, ast.Name):
                return f"{bound}.{rest}" if isinstance(bound, str) else ""
            root = bound.id
        return ""


def dotted(expression: ast.expr) -> str:
    """``a.b.c`` as written; ``""`` when it does not begin with a name."""
    parts = []
    while isinstance(expression, ast.Attribute):
        parts.append(expression.attr)
        expression = expression.value
    if not isinstance(expression, ast.Name):
        return ""
    return ".".join((expression.id, *reversed(parts)))


def _only(bound: list[Bound]) -> Bound:
    """What a name stands for when it is bound once, or by the same import each time."""
    first = bound[0]
    return first if len(bound) == 1 or (isinstance(first, str) and set(bound) == {first}) else None


def _bindings(node: ast.AST, *, walrus: bool) -> tuple[list[tuple[str, Bound]], set[str]]:
    """The names that a scope binds, with what they are bound to, and those that it says are the module's."""
    found: list[tuple[str, Bound]] = []
    if isinstance(node, _FUNCTIONS):
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [one for one in (arguments.vararg, arguments.kwarg) if one]
        found += [(argument.arg, None) for argument in every]
    found += [(parameter.name, None) for parameter in getattr(node, "type_params", ())]
    outward: dict[type[ast.AST], set[str]] = {ast.Global: set(), ast.Nonlocal: set()}
    for inner in (expressions if walrus else statements)(node.body):  # type: ignore[attr-defined]
        if isinstance(inner, ast.Global | ast.Nonlocal):
            outward[type(inner)].update(inner.names)
        elif isinstance(inner, ast.stmt):
            found += _bound_by(inner)
        elif isinstance(inner, ast.NamedExpr):
            found += _targets(inner.target, inner.value)
    elsewhere = outward[ast.Global] | outward[ast.Nonlocal]
    if elsewhere and not isinstance(node, ast.Module):
        found = [(name, bound) for name, bound in found if name not in elsewhere]
    return found, outward[ast.Global]


def _bound_from_inside(node: ast.AST) -> Iterator[str]:
    """The names that definitions in ``node`` bind for it: ``global`` in a module, else ``nonlocal``."""
    wanted = ast.Global if isinstance(node, ast.Module) else ast.Nonlocal
    pending = [inner for inner in statements(node.body) if isinstance(inner, _DEFINITIONS)]  # type: ignore[attr-defined]
    while pending:
        for inner in statements(pending.pop().body):
            if isinstance(inner, wanted):
                yield from inner.names
            elif isinstance(inner, _DEFINITIONS):
                pending.append(inner)


def _bound_by(statement: ast.stmt) -> list[tuple[str, Bound]]:
    """The names that one statement binds, without those of the blocks in it."""
    match statement:
        case ast.Assign(targets=targets, value=value):
            return [pair for target in targets for pair in _targets(target, value)]
        case ast.AnnAssign(target=target, value=ast.expr() as value):  # without a value nothing is bound
            return _targets(target, value)
        case ast.AugAssign(target=target) | ast.For(target=target) | ast.AsyncFor(target=target):
            return _targets(target, None)
        case ast.Delete(targets=targets):
            return [pair for target in targets for pair in _targets(target, None)]
        case ast.Import(names=names):
            return [(one.asname or one.name.partition(".")[0], _imported(one)) for one in names]
        case ast.ImportFrom(module=module, names=names, level=level):
            prefix = "." * level + (module or "")
            return [(one.asname or one.name, f"{prefix}.{one.name}") for one in names]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [(name, None)]
        case ast.With(items=items) | ast.AsyncWith(items=items):
            return [pair for one in items if one.optional_vars for pair in _targets(one.optional_vars, None)]
        case ast.Try(handlers=handlers) | ast.TryStar(handlers=handlers):
            return [(one.name, None) for one in handlers if one.name]
        case ast.Match(cases=cases):
            return [(name, None) for one in cases for name in _captures(one.pattern)]
        case _:
            alias = getattr(statement, "name", None)  # type X = ..., from Python 3.12
            return [(alias.id, None)] if isinstance(alias, ast.Name) else []


def _imported(alias: ast.alias) -> str:
    return alias.name if alias.asname else alias.name.partition(".")[0]


def _targets(target: ast.expr, value: ast.expr | None) -> list[tuple[str, Bound]]:
    if isinstance(target, ast.Name):
        return [(target.id, value)]
    pending, found = [target], []
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Tuple | ast.List):
            pending += node.elts
        elif isinstance(node, ast.Starred):
            pending.append(node.value)
        elif isinstance(node, ast.Name):
            found.append((node.id, None))
    return list[tuple[str, Bound]](found)


def _captures(pattern: ast.pattern) -> Iterator[str]:
    for node in ast.walk(pattern):
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if isinstance(name, str):
            yield name
