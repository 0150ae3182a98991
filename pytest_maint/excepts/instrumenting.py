"""Puts a call into the broad handlers of the project's modules while Python imports them.

A part of `worker`: the standard library only, nothing of ours, imported in child processes too.
"""

# ruff: noqa: PTH123
# pathlib and io are what tests replace, and a child pays for each import.

from __future__ import annotations

import sys
from importlib.machinery import SourceFileLoader

TYPE_CHECKING = False  # not from typing, which is more to import than all of the above
if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

    from .worker import Notes, Plan

HOOK = "__maint_caught__"
_PROBE = f"try:\n    {HOOK}(0)\nexcept (RecursionError, MemoryError, NameError):\n    pass\n"


class Instrumenter:
    """Instruments the files of ``plan``, and notes which were loaded and which it missed."""

    def __init__(self, plan: Plan, notes: Notes) -> None:
        self.plan = plan
        self.notes = notes
        self._loaded: set[str] = set()

    def lead(self) -> None:
        """Be the first to be asked for a module, ahead of finders that came later."""
        withdraw()
        sys.meta_path.insert(0, Finder(self))

    def tree(self, source: bytes, file: str) -> ast.Module | None:
        """The syntax tree of ``source`` with a call of the hook in each broad handler.

        None where the file is not the one that was planned for, or nests too deep for a tree.
        """
        from importlib.util import source_hash

        planned, marks = self.plan.files[file]
        if source_hash(source) != planned:
            self.notes.append("missed", file, "changed on disk since the session began")
            return None
        import ast

        try:
            tree = ast.parse(source, file)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler) and (node.lineno, node.col_offset) in marks:
                node.body.insert(0, _probe(node, marks[node.lineno, node.col_offset][0]))
        if file not in self._loaded:
            self._loaded.add(file)
            self.notes.append("loaded", file)
        return tree

    def note_missed(self, modules: dict[str, ModuleType], reason: str) -> None:
        """Say which planned files ``modules`` holds that were imported without us."""
        for module in list(modules.values()):
            # a script has lost its __file__ by the time it ends, its loader has not
            path = getattr(getattr(module, "__loader__", None), "path", None)
            file = self.plan.file(getattr(module, "__file__", path))
            if file and file not in self._loaded:
                self.notes.append("missed", file, reason)


class Finder:
    """First on ``sys.meta_path``: lets the others find a module, and wraps its loader when it is planned."""

    def __init__(self, instrumenter: Instrumenter) -> None:
        self._instrumenter = instrumenter

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec that the finders behind this one come up with."""
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(name, path, target) if find is not None else None
            if spec is not None:
                self._wrap(spec)
                return spec
        return None

    def _wrap(self, spec: ModuleSpec) -> None:
        file = self._instrumenter.plan.file(spec.origin)
        if file is None:
            return
        if type(spec.loader) is SourceFileLoader:
            spec.loader = Loader(spec.loader.name, spec.loader.path, self._instrumenter, file)
        elif type(spec.loader).__module__ == "_pytest.assertion.rewrite":
            spec.loader = RewritingLoader(spec.loader, self._instrumenter, file)  # type: ignore[assignment]
        else:
            kind = type(spec.loader)
            self._instrumenter.notes.append(
                "missed", file, f"loaded by {kind.__module__}.{kind.__qualname__}"
            )


class Loader(SourceFileLoader):
    """Compiles the instrumented tree; neither reads nor writes bytecode files."""

    def __init__(self, name: str, path: str, instrumenter: Instrumenter, file: str) -> None:
        super().__init__(name, path)
        self._instrumenter = instrumenter
        self._file = file

    def get_code(self, fullname: str) -> Any:
        """The code of the module, for ``import`` and for ``python -m``."""
        tree = self._instrumenter.tree(self.get_data(self.path), self._file)
        if tree is None:
            return super().get_code(fullname)
        return compile(tree, self.path, "exec", dont_inherit=True)


class RewritingLoader:
    """Before pytest's loader of test modules and conftests, so that their asserts are rewritten as ever."""

    def __init__(self, hook: Any, instrumenter: Instrumenter, file: str) -> None:
        self._hook = hook
        self._instrumenter = instrumenter
        self._file = file

    # pytest asks isinstance() whether a module came from its own loader
    __class__ = property(lambda self: type(self._hook))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hook, name)

    def exec_module(self, module: ModuleType) -> None:
        """Instrument, let pytest rewrite the asserts, run."""
        # No public name does this; where it is missing, the module is loaded by pytest alone.
        from _pytest.assertion import rewrite

        path = str(module.__spec__.origin) if module.__spec__ is not None else self._file
        with open(path, "rb") as file:
            source = file.read()
        tree = self._instrumenter.tree(source, self._file) if hasattr(rewrite, "rewrite_asserts") else None
        if tree is None:
            self._hook.exec_module(module)
            return
        rewrite.rewrite_asserts(tree, source, path, self._hook.config)
        exec(compile(tree, path, "exec", dont_inherit=True), module.__dict__)


def withdraw() -> None:
    """Instrument no further module."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]


def _probe(handler: ast.ExceptHandler, number: int) -> ast.stmt:
    """``__maint_caught__(number)``, on the line of the ``except`` itself.

    At the edge of the recursion limit or of memory, and in a function that was shipped to another process by
    value, the call cannot be made; the project's handler must not notice.
    """
    import ast

    statement = ast.parse(_PROBE).body[0]
    for node in ast.walk(statement):
        if isinstance(node, ast.Constant):
            node.value = number
        if "lineno" in node._attributes:
            node.lineno = node.end_lineno = handler.lineno  # type: ignore[attr-defined]
            node.col_offset = handler.col_offset  # type: ignore[attr-defined]
            node.end_col_offset = handler.col_offset + len("except")  # type: ignore[attr-defined]
    return statement
