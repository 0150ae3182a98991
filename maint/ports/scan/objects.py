"""The objects that expressions stand for: tables, classes, what a loop goes through, what callers give."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from typing import NamedTuple

from maint.ports.scan import callers
from maint.ports.scan.expression import UNKNOWN, Expression, Number, Pair, Ref, evaluate
from maint.ports.scan.scopes import Binding, Module, Scope, default, parameters

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEEPEST = 40
MOST = 64
_SEQUENCES = frozenset({"list", "tuple", "sorted", "set", "reversed", "iter"})


class At(NamedTuple):
    """A place of use: what is assigned below it in the same scope is not seen."""

    scope: Scope
    line: int
    block: tuple[int, ...]


class Behind(NamedTuple):
    """What a name stands for: a ``node`` of the tree with its place, a class, or a name of another module."""

    node: ast.AST | None = None
    at: At | None = None
    scope: Scope | None = None
    ref: Ref | None = None


class Objects(ABC):
    """One module's objects; nothing here raises or loops."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self._active: set[tuple[int, str]] = set()
        # a base class -> the class whose instance self is, while a base's attribute is looked at
        self._selves: dict[Scope, Scope] = {}
        self._depth = 0

    @abstractmethod
    def lower(self, node: ast.AST | None, at: At) -> Expression:
        """The stored form of ``node`` where it is used ``at``."""

    def rows(self, node: ast.AST | None, at: At) -> list[tuple[Expression, ...]]:
        """The elements that a loop goes through, each as what it unpacks to; empty if not known."""
        match node:
            case ast.Call(func=ast.Name(id="range"), args=arguments):
                found = [evaluate(self.lower(one, at)) for one in arguments]
                numbers = [one[0].value for one in found if len(one) == 1]
                limits = [one for one in numbers if isinstance(one, int)]
                if len(limits) != len(arguments) or not 0 < len(limits) < 4 or 0 in limits[2:]:
                    return []
                return [(Number(one),) for one in range(*limits)[:MOST]]
            case ast.Call(func=ast.Name(id="enumerate"), args=[first, *_]):
                return [(Number(index), whole(row)) for index, row in enumerate(self.rows(first, at))]
            case ast.Call(func=ast.Name(id="zip"), args=arguments):
                columns = [self.rows(one, at) for one in arguments]
                return [tuple(map(whole, row)) for row in zip(*columns, strict=False)]
            case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _SEQUENCES:
                return self.rows(first, at)
            case ast.Call(func=ast.Attribute(value=value, attr="items" | "values" | "keys" as view)):
                return self._views(value, view, at)
        behind = self.behind(node, at) if node is not None else Behind()
        if isinstance(behind.node, ast.List | ast.Tuple | ast.Set) and behind.at is not None:
            return [self._row(one, behind.at) for one in behind.node.elts[:MOST]]
        if isinstance(behind.node, ast.Dict) and behind.at is not None:
            return self._views(behind.node, "keys", behind.at)
        if isinstance(node, ast.Name) and (given := self.arguments(node.id, at)):
            return [row for one, place in given for row in self.rows(one, place)][:MOST]
        return []

    def _row(self, node: ast.expr, at: At) -> tuple[Expression, ...]:
        if isinstance(node, ast.Tuple | ast.List):
            return tuple(self.lower(one, at) for one in node.elts)
        return (self.lower(node, at),)

    def _views(self, node: ast.AST, view: str, at: At) -> list[tuple[Expression, ...]]:
        behind = self.behind(node, at)
        if not isinstance(behind.node, ast.Dict) or behind.at is None:
            return []
        here = behind.at
        pairs = zip(behind.node.keys, behind.node.values, strict=True)
        rows = [(self.lower(key, here), self._row(value, here)) for key, value in pairs]
        if view == "items":
            return [(key, whole(row)) for key, row in rows]
        return [(key,) if view == "keys" else row for key, row in rows]

    def arguments(self, name: str, at: At) -> list[tuple[ast.expr, At]]:
        """What the callers give for a parameter of the function around, else its default."""
        bindings = at.scope.names.get(name, [])
        node = at.scope.node
        if not bindings or bindings[0].kind != "param" or not isinstance(node, FUNCTIONS):
            return []
        key = (id(node), f"rows {name}")
        if key in self._active:
            return []
        self._active.add(key)
        try:
            calls = callers.of(self.module, at.scope)[:MOST]
            own = default(node, name)
            before = At(at.scope.parent or self.module.top, node.lineno, ())
            found = [(one.argument(node, name), At(one.scope, one.line, one.block)) for one in calls]
            known = [(one, place) for one, place in found if one is not None]
            return known or ([(own, before)] if own is not None else [])
        finally:
            self._active.discard(key)

    def behind(self, node: ast.AST | None, at: At) -> Behind:
        """The object that an expression stands for, as far as the module says."""
        if self._depth > DEEPEST or node is None:
            return Behind()
        self._depth += 1
        try:
            return self._behind(node, at)
        finally:
            self._depth -= 1

    def _behind(self, node: ast.AST, at: At) -> Behind:
        match node:
            case ast.Name(id="self" | "cls") if (owner := at.scope.owner_class) is not None:
                return Behind(scope=self._selves.get(owner, owner))
            case ast.BoolOp(values=[*_, value]) | ast.IfExp(body=value):
                return self.behind(value, at)
            case ast.Name(id=name):
                return self._behind_name(name, at)
            case (
                ast.Attribute(value=value, attr=key)
                | ast.Subscript(value=value, slice=ast.Constant(value=str(key)))
            ):
                outer = self.behind(value, at)
                if outer.ref is not None:
                    return Behind(ref=under(outer.ref, key))
                found = self.members(outer, key)
                return self.behind(found[-1][0].node, found[-1][1]) if found else Behind()
            case ast.Call(func=ast.Name(id=name)):
                if (scope := self.module.class_named(name)) is not None:
                    return Behind(scope=scope)
                return self._behind_call(node, at)
            case ast.Await(value=value):
                return self.behind(value, at)
        return Behind(node=node, at=at)

    def _behind_call(self, node: ast.Call, at: At) -> Behind:
        made = self.behind(node.func, at)
        # an instance of an imported class has that class's attributes
        return Behind(ref=made.ref) if made.ref is not None else Behind(node=node, at=at)

    def _behind_name(self, name: str, at: At) -> Behind:
        scope: Scope | None = at.scope
        while scope is not None:
            if scope.names.get(name) and (scope is at.scope or scope.kind != "class"):
                seen = reaching(scope.names[name], at) if scope is at.scope else scope.names[name]
                if not seen:
                    return Behind()
                binding = seen[-1]
                if binding.kind == "import":
                    return Behind(ref=Ref(binding.module, binding.name))
                if binding.kind == "class" and binding.node is not None:
                    return Behind(scope=self.module.scopes.get(binding.node))
                if binding.kind in ("value", "with"):
                    return self.behind(binding.node, At(scope, binding.line, binding.block))
                if binding.kind == "param":
                    return self._behind_parameter(scope, name)
                return Behind()
            scope = scope.parent
        stars = self.module.top.stars
        return Behind(ref=Ref(stars[0], name)) if len(stars) == 1 else Behind()

    def _behind_parameter(self, scope: Scope, name: str) -> Behind:
        """By its annotation, else by the one thing that it is given."""
        assert isinstance(scope.node, FUNCTIONS)
        noted = next((one.annotation for one in parameters(scope.node) if one.arg == name), None)
        for part in ast.walk(noted) if noted is not None else ():
            if isinstance(part, ast.Name) and (known := self.module.class_named(part.id)) is not None:
                return Behind(scope=known)
        given = self.arguments(name, At(scope, scope.node.lineno, ()))
        return self.behind(*given[0]) if len(given) == 1 else Behind()

    def members(self, outer: Behind, key: str) -> list[tuple[Binding, At]]:
        """What ``outer.key`` or ``outer[key]`` is bound to."""
        if outer.scope is not None:
            found = [(one, scope) for one, scope in outer.scope.attributes.get(key, [])]
            found += [(one, outer.scope) for one in outer.scope.names.get(key, [])]
            return [(one, At(scope, one.line, one.block)) for one, scope in found]
        at = outer.at
        if isinstance(outer.node, ast.Dict) and at is not None:
            pairs = zip(outer.node.keys, outer.node.values, strict=True)
            hits = [value for name, value in pairs if isinstance(name, ast.Constant) and name.value == key]
            return [(Binding("value", value, value.lineno, at.block), at) for value in hits]
        if isinstance(outer.node, ast.Call) and at is not None:
            hits = [word.value for word in outer.node.keywords if word.arg == key]
            return [(Binding("value", value, value.lineno, at.block), at) for value in hits]
        return []


def reaching(bindings: list[Binding], at: At) -> list[Binding]:
    """Those that may still hold at a place: a later one in the same block takes the place of earlier ones."""
    before = [one for one in bindings if one.line <= at.line] or bindings
    start = 0
    for index, one in enumerate(before):
        if at.block[: len(one.block)] == one.block and one.kind != "opaque":
            start = index
    return before[start:]


def under(ref: Ref, key: str) -> Ref:
    return Ref(ref.module, f"{ref.name}.{key}" if ref.name else key)


def whole(row: tuple[Expression, ...]) -> Expression:
    return row[0] if len(row) == 1 else Pair(row[0], row[1]) if len(row) > 1 else UNKNOWN
