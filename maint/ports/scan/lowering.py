"""Python expressions in the stored form: names, attributes, defaults, callers and templates followed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from maint.ports.scan import callers, declared, template
from maint.ports.scan.expression import (
    UNKNOWN,
    Each,
    Expression,
    First,
    Join,
    Named,
    Number,
    OneOf,
    Opaque,
    Pair,
    Ref,
    Soft,
    Sum,
    Text,
)
from maint.ports.scan.objects import DEEPEST, MOST, At, Behind, Objects, reaching, under
from maint.ports.scan.scopes import Binding, Module, Scope, called, default

_SAME = frozenset({"encode", "decode", "strip", "lower", "rstrip", "lstrip", "tag"})
_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.FloorDiv: "//",
    ast.Mod: "%",
}
# functions that bind what they are given: their own parameter is reported at their callers
_WRAPPERS = frozenset(
    {"bind", "connect", "_bind", "_connect", "bind_in", "bind_out", "connect_in", "connect_out"}
)


class Lowering(Objects):
    """One module's expressions; ``lower`` never raises and never loops."""

    def __init__(self, module: Module) -> None:
        super().__init__(module)
        self._options = declared.options(module)
        self._frames: list[tuple[Scope, callers.Given]] = []

    def lower(self, node: ast.AST | None, at: At) -> Expression:
        """The stored form of ``node`` where it is used ``at``."""
        if node is None or self._depth > DEEPEST:
            return UNKNOWN
        self._depth += 1
        try:
            return self._lower(node, at)
        finally:
            self._depth -= 1

    def _lower(self, node: ast.AST, at: At) -> Expression:
        match node:
            case ast.Constant(value=bool()):
                return UNKNOWN
            case ast.Constant(value=int(number)):
                return Number(number) if abs(number) < 1 << 63 else UNKNOWN
            case ast.Constant(value=str(text)):
                return Text(text[:500])
            case ast.Constant(value=bytes(octets)):
                return Text(octets[:500].decode("utf-8", "replace"))
            case ast.JoinedStr(values=values):
                return Join(tuple(self.lower(value, at) for value in values))
            case ast.FormattedValue(value=value) | ast.Await(value=value) | ast.NamedExpr(value=value):
                return self.lower(value, at)
            case ast.Name(id=name):
                return self._name(name, at)
            case ast.Attribute() | ast.Subscript():
                return self._member(node, at)
            case ast.Tuple(elts=[host, port, *_]) | ast.List(elts=[host, port, *_]):
                return Pair(self.lower(host, at), self.lower(port, at))
            case ast.IfExp(body=body, orelse=orelse):
                return OneOf((self.lower(body, at), self.lower(orelse, at)))
            case ast.BoolOp(op=ast.Or(), values=values):
                return First(tuple(self.lower(value, at) for value in values))
            case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str(text)), right=right):
                given = right.elts if isinstance(right, ast.Tuple) else [right]
                return template.percent(text, [self.lower(one, at) for one in given])
            case ast.BinOp(op=operator, left=left, right=right) if type(operator) in _OPERATORS:
                return Sum(_OPERATORS[type(operator)], self.lower(left, at), self.lower(right, at))
            case ast.Call():
                return self._call(node, at)
        return UNKNOWN

    def _name(self, name: str, at: At) -> Expression:
        scope: Scope | None = at.scope
        while scope is not None:
            if scope.names.get(name) and (scope is at.scope or scope.kind != "class"):
                found = scope.names[name]
                seen = reaching(found, at) if scope is at.scope else found
                return self._bindings([(one, scope) for one in seen])
            scope = scope.parent
        stars = tuple(Ref(star, name) for star in self.module.top.stars)
        return OneOf(stars) if stars else UNKNOWN

    def _bindings(self, found: list[tuple[Binding, Scope]]) -> Expression:
        values = [self._binding(one, scope) for one, scope in found[:MOST]]
        if len(values) == 1:
            return values[0]
        return OneOf(tuple(values)) if values else UNKNOWN

    def _binding(self, binding: Binding, scope: Scope) -> Expression:
        key = (id(binding.node), f"{binding.kind}{binding.name}{binding.position}{len(self._frames)}")
        if key in self._active:
            return UNKNOWN
        self._active.add(key)
        try:
            return self._bound(binding, scope)
        finally:
            self._active.discard(key)

    def _bound(self, binding: Binding, scope: Scope) -> Expression:
        at = At(scope, binding.line, binding.block)
        match binding.kind:
            case "value" | "with":
                return self.lower(binding.node, at)
            case "augmented":
                # what it adds to was assigned before
                return self.lower(binding.node, At(scope, binding.line - 1, binding.block))
            case "import":
                return Ref(binding.module, binding.name)
            case "param":
                return self._parameter(scope, binding.name)
            case "each":
                return Each(
                    tuple(row[0] if len(row) == 1 else UNKNOWN for row in self.rows(binding.node, at))
                )
            case "each-item":
                rows = self.rows(binding.node, at)
                found = [row[binding.position] for row in rows if binding.position < len(row)]
                return Each(tuple(_part(one, binding.inner) for one in found))
            case "item":
                rows = self.rows(binding.node, at)
                return (
                    rows[binding.position][0]
                    if binding.position < len(rows) and len(rows[0]) == 1
                    else UNKNOWN
                )
        return UNKNOWN

    def _member(self, node: ast.Attribute | ast.Subscript, at: At) -> Expression:
        key = node.attr if isinstance(node, ast.Attribute) else _key(node)
        if key is None:
            return UNKNOWN
        outer = self.behind(node.value, at)
        if outer.scope is not None:
            return self._attribute(outer.scope, str(key))
        if isinstance(key, int):
            rows = self.rows(node.value, at)
            return rows[key][0] if -len(rows) <= key < len(rows) and len(rows[key]) == 1 else UNKNOWN
        found = self.members(outer, key)
        if found:
            return self._bindings([(binding, place.scope) for binding, place in found])
        if isinstance(node, ast.Attribute) and key in self._options and _may_have_options(outer):
            return self._option(key)
        if outer.ref is not None:
            return Ref(outer.ref.module, under(outer.ref, key).name)
        if key == "value" and isinstance(node, ast.Attribute):
            return self.lower(node.value, at)
        return UNKNOWN

    def _option(self, key: str) -> Expression:
        node, scope = self._options[key]
        return Soft(self.lower(node, At(scope, getattr(node, "lineno", 1), ()))) if node else UNKNOWN

    def _attribute(self, scope: Scope, key: str) -> Expression:
        """``self.key``: what methods assign, else the body of the class, its fields, its bases."""
        if assigned := scope.attributes.get(key):
            first = [one for one in assigned if getattr(one[1].node, "name", "") == "__init__"]
            return self._bindings(first or assigned)
        if bindings := scope.names.get(key):
            return self._field(scope, key, bindings)
        for base in scope.node.bases:  # type: ignore[attr-defined]
            behind = self.behind(base, At(scope.parent or self.module.top, scope.node.lineno, ()))  # type: ignore[attr-defined]
            if behind.ref is not None:
                return under(behind.ref, key)
            if behind.scope is not None and behind.scope is not scope:
                found = self._inherited(behind.scope, scope, key)
                if not isinstance(found, Opaque):
                    return found
        return UNKNOWN

    def _inherited(self, base: Scope, scope: Scope, key: str) -> Expression:
        """An attribute of a base, where ``self`` is of the class that inherits it."""
        before = self._selves.get(base)
        self._selves[base] = self._selves.get(scope, scope)
        try:
            return self._attribute(base, key) if len(self._selves) < DEEPEST else UNKNOWN
        finally:
            if before is None:
                del self._selves[base]
            else:
                self._selves[base] = before

    def _field(self, scope: Scope, key: str, bindings: list[Binding]) -> Expression:
        for one in bindings:
            if one.kind == "def" and declared.is_property(one.node):
                return self._returned(self.module.scopes[one.node], None)  # type: ignore[index]
        value = self._bindings([(one, scope) for one in bindings])
        if not declared.has_fields(scope.node):
            return value
        given = [
            self.lower(word.value, At(call.scope, call.node.lineno, call.block))
            for call in self.module.by_name.get(scope.node.name, [])  # type: ignore[attr-defined]
            for word in call.node.keywords
            if word.arg == key
        ]
        return OneOf((*given, Soft(value))) if given else Soft(value)

    def _call(self, node: ast.Call, at: At) -> Expression:
        name = called(node)
        words = {word.arg: word.value for word in node.keywords if word.arg}
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format"), args=given):
                named = {key: self.lower(value, at) for key, value in words.items()}
                return template.braces(text, [self.lower(one, at) for one in given], named)
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="join"), args=[given]):
                rows = self.rows(given, at)
                parts = [part for row in rows for part in (Text(text), row[0])][1:]
                return Join(tuple(parts)) if rows else UNKNOWN
            case ast.Call(func=ast.Name(id="int" | "Integer" | "Int"), args=[first, *_]):
                return Sum("int", self.lower(first, at), UNKNOWN)
            case ast.Call(func=ast.Attribute(value=value)) if name in _SAME and len(node.args) < 2:
                return self.lower(value, at)
            case ast.Call(func=ast.Name(id="str"), args=[first]):
                return Join((self.lower(first, at),))
            case ast.Call(args=[_, first]) if name == "cast":
                return self.lower(first, at)
        if name == "get_port" and node.args and isinstance(node.args[0], ast.Constant):
            return Named(str(node.args[0].value))
        if name == "getattr" and len(node.args) == 3 and isinstance(node.args[1], ast.Constant):
            member = ast.Attribute(node.args[0], str(node.args[1].value), ast.Load())
            return First((self._member(member, at), Soft(self.lower(node.args[2], at))))
        found = self._own_function(node, at)
        if found is not None:
            return found
        fallback = declared.fallback(node)
        if fallback is None:
            return UNKNOWN
        soft = Soft(self.lower(fallback, at))
        if name in ("get", "pop") and isinstance(node.func, ast.Attribute) and _text(node.args[0]):
            hits = self.members(self.behind(node.func.value, at), _text(node.args[0]))
            if hits:
                return self._bindings([(binding, place.scope) for binding, place in hits])
        return soft

    def _own_function(self, node: ast.Call, at: At) -> Expression | None:
        """What a function of this module returns for this call; None where it is none."""
        match node.func:
            case ast.Name(id=name):
                found = [one for one in self.module.functions(name) if one.parent is not None]
                found = [one for one in found if one.parent is not None and one.parent.kind != "class"]
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
                found = [one for one in self.module.functions(name) if one.parent is at.scope.owner_class]
            case _:
                return None
        if len(found) != 1:
            return None
        words = {word.arg: word.value for word in node.keywords if word.arg}
        skipped = int(found[0].parent is not None and found[0].parent.kind == "class")
        return self._returned(
            found[0], callers.Given(list(node.args), words, at.scope, node.lineno, at.block, skipped)
        )

    def _returned(self, scope: Scope, given: callers.Given | None) -> Expression:
        if any(frame is scope for frame, _ in self._frames):
            return UNKNOWN
        values = [one for one in ast.walk(scope.node) if isinstance(one, ast.Return) and one.value]
        if not 0 < len(values) <= 4:
            return UNKNOWN
        with self._frame(scope, given):
            found = tuple(self.lower(one.value, At(scope, one.lineno, ())) for one in values)
        return found[0] if len(found) == 1 else OneOf(found)

    @contextmanager
    def _frame(self, scope: Scope, given: callers.Given | None) -> Iterator[None]:
        if given is None:
            yield
            return
        self._frames.append((scope, given))
        try:
            yield
        finally:
            self._frames.pop()

    def _parameter(self, scope: Scope, name: str) -> Expression:
        node = scope.node
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        own = default(node, name)
        at = At(scope.parent or self.module.top, node.lineno, ())
        fallback = Soft(self.lower(own, at)) if own is not None else UNKNOWN
        frame = next((given for framed, given in reversed(self._frames) if framed is scope), None)
        if frame is not None:
            return self._given(frame, node, name, fallback)
        if (option := declared.decorated(node, name)) is not None:
            return Soft(self.lower(option, at))
        if node.name in _WRAPPERS and scope.parent is not None and scope.parent.kind == "class":
            return fallback
        found = [self._given(one, node, name, fallback) for one in callers.of(self.module, scope)[:MOST]]
        known = [one for one in found if not isinstance(one, Opaque)]
        if len(known) == 1 == len(found):
            return known[0]
        return Each(tuple(known)) if known else fallback

    def _given(
        self,
        given: callers.Given,
        node: ast.FunctionDef | ast.AsyncFunctionDef,
        name: str,
        fallback: Expression,
    ) -> Expression:
        argument = given.argument(node, name)
        if argument is None:
            return fallback
        return self.lower(argument, At(given.scope, given.line, given.block))


def _may_have_options(outer: Behind) -> bool:
    """Whether an object whose attribute is read may be the parsed command line."""
    return outer.ref is None or outer.ref.module.partition(".")[0] in ("tornado", "absl")


def _part(value: Expression, inner: int) -> Expression:
    if inner < 0:
        return value
    return (value.host, value.port)[inner] if isinstance(value, Pair) and inner < 2 else UNKNOWN


def _key(node: ast.Subscript) -> str | int | None:
    match node.slice:
        case ast.Constant(value=str() | int() as key):
            return key
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(key))):
            return -key
    return None


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
