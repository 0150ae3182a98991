"""Who calls a function of the module, and with what."""

from __future__ import annotations

import ast
from typing import NamedTuple

from maint.ports.scan.scopes import Call, Function, Module, Scope, called


class Given(NamedTuple):
    """The arguments of one call and where it is; ``skipped`` parameters (``self``) are not among them."""

    positional: list[ast.expr]
    words: dict[str, ast.expr]
    scope: Scope
    line: int
    block: tuple[int, ...]
    skipped: int = 0

    def argument(self, node: Function, name: str) -> ast.expr | None:
        """What is given for the parameter ``name``."""
        if name in self.words:
            return self.words[name]
        names = [one.arg for one in (*node.args.posonlyargs, *node.args.args)][self.skipped :]
        index = names.index(name) if name in names else len(self.positional)
        before = self.positional[: index + 1]
        if len(before) <= index or any(isinstance(one, ast.Starred) for one in before):
            return None
        return before[index]


def of(module: Module, scope: Scope) -> list[Given]:
    """The calls of a function, of a method by its name, of a class for its ``__init__``."""
    node = scope.node
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    owner = scope.parent if scope.parent is not None and scope.parent.kind == "class" else None
    is_static = any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in node.decorator_list)
    skipped = int(owner is not None and not is_static)
    if owner is not None and node.name == "__init__":
        return [_given(call, skipped) for call in _constructions(module, owner)]
    if owner is not None and len(module.functions(node.name)) > 1:
        return []
    calls = [call for call in module.by_name.get(node.name, []) if _means(call, owner)]
    return [_given(call, skipped) for call in calls] + _started(module, node.name, skipped)


def _means(call: Call, owner: Scope | None) -> bool:
    """Whether a call by this name may be of a method, or else of a plain function."""
    return isinstance(call.node.func, ast.Attribute) == (owner is not None)


def _given(call: Call, skipped: int) -> Given:
    words = {word.arg: word.value for word in call.node.keywords if word.arg}
    return Given(list(call.node.args), words, call.scope, call.node.lineno, call.block, skipped)


def _constructions(module: Module, owner: Scope) -> list[Call]:
    """Calls of the class, of subclasses without an ``__init__`` of their own, and ``super().__init__``."""
    name = owner.node.name  # type: ignore[attr-defined]
    found = list(module.by_name.get(name, []))
    classes = [one for one in module.scopes.values() if one.kind == "class"]
    for one in classes:
        bases = {_last(base) for base in one.node.bases}  # type: ignore[attr-defined]
        if name not in bases:
            continue
        if "__init__" not in one.names:
            found += module.by_name.get(one.node.name, [])  # type: ignore[attr-defined]
    for call in module.by_name.get("__init__", []):
        within = call.scope.owner_class
        if within is None or within is owner or not isinstance(call.node.func, ast.Attribute):
            continue
        target = call.node.func.value
        bases = {_last(base) for base in within.node.bases}  # type: ignore[attr-defined]
        if name in bases and isinstance(target, ast.Call) and called(target) == "super":
            found.append(call)
    return found


def _started(module: Module, name: str, skipped: int) -> list[Given]:
    """``Thread(target=name, args=(…))``, ``Process`` likewise, and ``submit(name, …)``."""
    found = []
    for word in ("Thread", "Process", "Timer", "submit", "run_in_executor", "spawn", "to_thread"):
        for call in module.by_name.get(word, []):
            words = {one.arg: one.value for one in call.node.keywords if one.arg}
            positional = call.node.args
            if _last(words.get("target")) == name:
                given = words.get("args")
                arguments = list(given.elts) if isinstance(given, ast.Tuple | ast.List) else []
                named = _constants(words.get("kwargs"))
            elif positional and name in map(_last, positional[:2]):
                start = [_last(one) for one in positional].index(name) + 1
                arguments, named = positional[start:], words
            else:
                continue
            found.append(Given(arguments, named, call.scope, call.node.lineno, call.block, skipped))
    return found


def _constants(node: ast.expr | None) -> dict[str, ast.expr]:
    if not isinstance(node, ast.Dict):
        return {}
    pairs = zip(node.keys, node.values, strict=True)
    return {str(key.value): value for key, value in pairs if isinstance(key, ast.Constant)}


def _last(node: ast.expr | None) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
