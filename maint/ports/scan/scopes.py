"""The names of a module: what each is bound to in which scope, where, and who calls what."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import NamedTuple

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Binding(NamedTuple):
    """One assignment.

    ``kind`` is value, augmented, each (a loop), item (``position`` of an unpacked value, ``inner`` of what is
    unpacked in it), import, def, class, param, with or opaque; ``block`` is the chain of blocks it lies in.
    """

    kind: str
    node: ast.AST | None
    line: int
    block: tuple[int, ...]
    position: int = 0
    inner: int = -1
    module: str = ""
    name: str = ""


class Scope:
    """A module, class or function and the names that are bound in it."""

    __slots__ = ("attributes", "kind", "names", "node", "parent", "stars")

    def __init__(self, kind: str, node: ast.AST, parent: Scope | None) -> None:
        self.kind = kind
        self.node = node
        self.parent = parent
        self.names: dict[str, list[Binding]] = defaultdict(list)
        # of a class: what its methods assign to self, with the scope of the method
        self.attributes: dict[str, list[tuple[Binding, Scope]]] = defaultdict(list)
        self.stars: list[str] = []

    @property
    def owner_class(self) -> Scope | None:
        """The class whose ``self`` is meant here."""
        scope: Scope | None = self
        while scope is not None and scope.kind != "class":
            scope = scope.parent
        return scope


class Call(NamedTuple):
    """A call, the scope it is in, and the chain of blocks."""

    node: ast.Call
    scope: Scope
    block: tuple[int, ...]


class Module:
    """Scopes and calls of one parsed file."""

    def __init__(self, tree: ast.Module, package: str = "") -> None:
        """``package`` is the folder of the file, which relative imports start from."""
        self.package = package
        self.top = Scope("module", tree, None)
        self.scopes: dict[ast.AST, Scope] = {tree: self.top}
        self.calls: list[Call] = []
        self.by_name: dict[str, list[Call]] = defaultdict(list)
        self._blocks = 0
        self._body(tree.body, self.top, ())

    def functions(self, name: str) -> list[Scope]:
        """The functions and methods of that name."""
        return [one for one in self.scopes.values() if one.kind == "function" and one.node.name == name]  # type: ignore[attr-defined]

    def class_named(self, name: str) -> Scope | None:
        """The class of that name."""
        found = (one for one in self.scopes.values() if one.kind == "class" and one.node.name == name)  # type: ignore[attr-defined]
        return next(found, None)

    def _body(self, body: list[ast.stmt], scope: Scope, block: tuple[int, ...]) -> None:
        for statement in body:
            self._statement(statement, scope, block)

    def _statement(self, node: ast.stmt, scope: Scope, block: tuple[int, ...]) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, scope, block)
            case ast.ClassDef():
                scope.names[node.name].append(Binding("class", node, node.lineno, block))
                self._expressions([*node.bases, *(word.value for word in node.keywords)], scope, block)
                inner = self.scopes[node] = Scope("class", node, scope)
                self._body(node.body, inner, ())
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._bind(target, "value", value, scope, block)
                self._expressions([value], scope, block)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._bind(target, "value", value, scope, block)
                self._expressions([value], scope, block)
            case ast.AugAssign(target=target, value=value):
                if isinstance(target, ast.Name):
                    sum_ = ast.copy_location(ast.BinOp(ast.Name(target.id, ast.Load()), node.op, value), node)
                    self._bind(target, "augmented", sum_, scope, block)
                self._expressions([value], scope, block)
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope, block)
            case _:
                self._compound(node, scope, block)

    def _compound(self, node: ast.stmt, scope: Scope, block: tuple[int, ...]) -> None:
        inside = block
        if isinstance(node, ast.For | ast.AsyncFor):
            inside = (*block, self._next())
            self._bind(node.target, "each", node.iter, scope, inside)
        if isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                if item.optional_vars is not None:
                    self._bind(item.optional_vars, "with", item.context_expr, scope, block)
        inline = isinstance(node, ast.With | ast.AsyncWith)
        looped = isinstance(node, ast.For | ast.AsyncFor)
        for field, value in ast.iter_fields(node):
            if not isinstance(value, list):
                if isinstance(value, ast.expr) and field != "target":
                    self._expressions([value], scope, block)
                continue
            statements = [one for one in value if isinstance(one, ast.stmt)]
            # the body of try and with runs in line: what it assigns holds afterwards
            is_inline = inline or (isinstance(node, ast.Try) and field in ("body", "finalbody"))
            if statements:
                # a loop's target is bound in its body
                is_looped = looped and field == "body"
                self._body(
                    statements, scope, block if is_inline else inside if is_looped else (*block, self._next())
                )
            for one in value:
                if isinstance(one, ast.ExceptHandler | ast.match_case):
                    self._body(one.body, scope, (*block, self._next()))
                elif isinstance(one, ast.expr):
                    self._expressions([one], scope, block)
                elif isinstance(one, ast.withitem):
                    self._expressions([one.context_expr], scope, block)

    def _next(self) -> int:
        self._blocks += 1
        return self._blocks

    def _function(self, node: Function, scope: Scope, block: tuple[int, ...]) -> None:
        scope.names[node.name].append(Binding("def", node, node.lineno, block))
        defaults = [one for one in (*node.args.defaults, *node.args.kw_defaults) if one is not None]
        self._expressions([*node.decorator_list, *defaults], scope, block)
        inner = self.scopes[node] = Scope("function", node, scope)
        for one in parameters(node):
            inner.names[one.arg].append(Binding("param", node, node.lineno, (), name=one.arg))
        self._body(node.body, inner, ())

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope, block: tuple[int, ...]) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                module = alias.name if alias.asname else name
                scope.names[name].append(Binding("import", node, node.lineno, block, module=module))
            return
        module = self._origin(node)
        for alias in node.names:
            if alias.name == "*":
                scope.stars.append(module)
            else:
                binding = Binding("import", node, node.lineno, block, module=module, name=alias.name)
                scope.names[alias.asname or alias.name].append(binding)

    def _origin(self, node: ast.ImportFrom) -> str:
        """The module that is imported from; ``/`` and a path for a relative one."""
        if not node.level:
            return node.module or ""
        folders = self.package.split("/") if self.package else []
        folders = folders[: len(folders) - (node.level - 1)]
        return "/" + "/".join([*folders, *(node.module.split(".") if node.module else [])])

    def _bind(
        self, target: ast.expr, kind: str, value: ast.expr | None, scope: Scope, block: tuple[int, ...]
    ) -> None:
        match target:
            case ast.Name(id=name):
                scope.names[name].append(Binding(kind, value, target.lineno, block))
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=attribute):
                if (owner := scope.owner_class) is not None:
                    owner.attributes[attribute].append(
                        (Binding(kind, value, target.lineno, block), scope),
                    )
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                for index, one in enumerate(targets):
                    self._bind_item(one, kind, value, index, scope, block)

    def _bind_item(
        self,
        target: ast.expr,
        kind: str,
        value: ast.expr | None,
        index: int,
        scope: Scope,
        block: tuple[int, ...],
    ) -> None:
        if kind == "value" and isinstance(value, ast.Tuple | ast.List) and index < len(value.elts):
            self._bind(target, kind, value.elts[index], scope, block)
            return
        found = Binding("item" if kind == "value" else f"{kind}-item", value, target.lineno, block, index)
        if isinstance(target, ast.Tuple | ast.List):
            for inner, one in enumerate(target.elts):
                if isinstance(one, ast.Name):
                    scope.names[one.id].append(found._replace(inner=inner))
            return
        if isinstance(target, ast.Name):
            scope.names[target.id].append(found)
        elif (
            isinstance(target, ast.Attribute)
            and isinstance(target.value, ast.Name)
            and target.value.id == "self"
            and (owner := scope.owner_class) is not None
        ):
            owner.attributes[target.attr].append((found, scope))

    def _expressions(self, roots: list[ast.expr], scope: Scope, block: tuple[int, ...]) -> None:
        pending: list[tuple[ast.AST, Scope]] = [(root, scope) for root in reversed(roots)]
        while pending:
            node, here = pending.pop()
            if isinstance(node, ast.Call):
                call = Call(node, here, block)
                self.calls.append(call)
                self.by_name[called(node)].append(call)
            elif isinstance(node, ast.NamedExpr) and isinstance(node.target, ast.Name):
                here.names[node.target.id].append(Binding("value", node.value, node.lineno, block))
            elif isinstance(node, ast.comprehension):
                self._bind(node.target, "each", node.iter, here, (*block, self._next()))
            pending += [(child, here) for child in ast.iter_child_nodes(node)]


def called(node: ast.Call) -> str:
    """The last name of what is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def parameters(node: Function | ast.Lambda) -> list[ast.arg]:
    """The parameters that can be given, in order."""
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


def default(node: Function, name: str) -> ast.expr | None:
    """The default of a parameter."""
    positional = [*node.args.posonlyargs, *node.args.args]
    for argument, value in zip(reversed(positional), reversed(node.args.defaults), strict=False):
        if argument.arg == name:
            return value
    for argument, given in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
        if argument.arg == name:
            return given
    return None
