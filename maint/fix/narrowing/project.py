"""The project's modules by name, as far as paths tell."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path, PurePosixPath

from maint.errors import InputError
from maint.fix.source import Source

_ROOTS = ("src", "lib", "python")


class Project:
    """``paths`` are its Python files relative to ``root``; files are read when they are asked for."""

    def __init__(self, root: Path, paths: Iterable[str]) -> None:
        self.root = root
        self.paths = {module_name(path): path for path in paths}
        self.packages = frozenset(name.partition(".")[0] for name in self.paths)
        self.source = cache(self._source)

    def _source(self, module: str) -> Source | None:
        """The module called ``module``, or None where there is none that parses."""
        path = self.paths.get(module)
        try:
            return None if path is None else Source(path, (self.root / path).read_bytes())
        except (OSError, InputError):
            return None


def module_name(path: str) -> str:
    """The dotted name under which a file is imported, taking src and its like for an import root."""
    parts = list(PurePosixPath(path).with_suffix("").parts)
    if len(parts) > 1 and parts[0] in _ROOTS:
        del parts[0]
    if len(parts) > 1 and parts[-1] == "__init__":
        del parts[-1]
    return ".".join(parts)


def readings(target: str, path: str) -> list[str]:
    """What ``target`` may be: in a scope ``from . import a`` and ``from .. import a`` look the same."""
    shorter = [absolute(target[1:], path)] if target.startswith("..") else []
    return [absolute(target, path), *shorter]


def absolute(target: str, path: str) -> str:
    """A dotted name that may begin with dots, as seen from the module in ``path``."""
    level = len(target) - len(target.lstrip("."))
    if not level:
        return target
    parts = module_name(path).split(".")
    if PurePosixPath(path).stem != "__init__":
        parts = parts[:-1]
    parts = parts[: len(parts) - (level - 1)]
    return ".".join((*parts, target[level:])).rstrip(".")
