"""A worker imports its own tree's code and nobody else's: the way there, and the proof.

No importer of our own: ``sys.path`` leads to the side's tree, foreign finders may not answer with another
tree's files, and an audit of what was really loaded has the last word.
"""

# ruff: noqa: PTH110, PTH117, PTH118, PTH119, PTH120, PTH206
# os.path throughout: an audit looks at a thousand modules, and a Path costs ten times what a string does.

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.machinery import BuiltinImporter, FrozenImporter, ModuleSpec, PathFinder
from types import FunctionType, ModuleType
from typing import Any, Protocol

_INSTALLED = ("site-packages", "dist-packages")
_PLACEHOLDER = ".__path_hook__"

_OWN_FOLDER = os.path.dirname(os.path.realpath(__file__))

Violation = tuple[str, str]


def isolate(side_root: str, forbidden: list[str], paths: list[str], roots: list[str]) -> None:
    """Make this process import the project from ``side_root``; to be called before pytest is imported.

    ``forbidden`` are the trees whose code must not be loaded, ``paths`` the controller's ``sys.path`` mapped
    to this side, ``roots`` the side's import roots: they come ahead of site-packages, so that a plain install
    loses, and behind the standard library unless ``paths`` has them further up. Virtual environments inside
    a forbidden tree stay importable.

    Modules that a ``.pth`` file of site-packages has loaded from a forbidden tree already are evicted; child
    processes inherit the roots by ``PYTHONPATH``.
    """
    trees = _trees(side_root, tuple(forbidden))
    stale = _stale_placeholders(trees)
    kept = [path for path in paths if path not in stale and not trees.forbids(path)]
    sys.path[:] = _ordered(kept, roots)
    sys.meta_path[:] = [f if _is_standard(f) else Guard(f, trees) for f in sys.meta_path]
    _skip_rebuilds(trees)
    _evict(trees)
    sys.path_importer_cache.clear()
    importlib.invalidate_caches()
    inherited = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p and not trees.forbids(p)]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([*roots, *inherited]))


def audit(side_root: str, forbidden: list[str], names: list[str], *, live: bool = False) -> list[Violation]:
    """What was loaded from elsewhere, as (module, file); empty is the proof that this side ran its own code.

    Reported are modules and ``sys.path`` entries inside a ``forbidden`` tree, and modules of the project
    (``names``: dotted units) from outside ``side_root``, such as a plain install's. With ``live`` every
    function and module alive is looked at too, since code run by path leaves no trace in ``sys.modules``;
    that takes tens of milliseconds and unfreezes the garbage collector.
    """
    trees = _trees(side_root, tuple(forbidden))
    found = dict.fromkeys(("sys.path", path) for path in sys.path if trees.forbids(path))
    units = frozenset(names) - sys.stdlib_module_names
    for name, module in list(sys.modules.items()):
        for file in () if _is_ours(name, module) else _places(module):
            if trees.forbids(file) or (_is_of(name, units) and trees.is_outside(file)):
                found[name, file] = None
                break
    if live:
        found.update(dict.fromkeys(_live_code(trees)))
    return list(found)


class _Trees:
    """Which side a path is on; links are followed, since a link may lead from one tree to the other."""

    def __init__(self, side_root: str, forbidden: Iterable[str]) -> None:
        self._own = _folder(side_root)
        self._forbidden = tuple(_folder(tree) for tree in forbidden)
        self._known: dict[str, bool] = {}

    def owns(self, path: str) -> bool:
        """True for what lies in this side's own tree."""
        return self._is_below(path, (self._own,))

    def forbids(self, path: str) -> bool:
        """True for what lies in another tree and is no environment inside it."""
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = os.path.isabs(path) and self._is_below(path, self._forbidden)
        return known

    def is_outside(self, path: str) -> bool:
        """True for a file that exists and is not in this side's own tree."""
        return os.path.isabs(path) and not self.owns(path) and os.path.exists(path)

    def _is_below(self, path: str, trees: tuple[str, ...]) -> bool:
        real = _real(path) + os.sep
        # The innermost tree decides: a cache inside the user's tree, or the other way round.
        tree = max((t for t in (*self._forbidden, self._own) if real.startswith(t)), key=len, default=None)
        return tree in trees and not _is_installed(real, tree or "")


@cache
def _trees(side_root: str, forbidden: tuple[str, ...]) -> _Trees:
    """The same object for the same question: every audit asks about mostly the same thousand files."""
    return _Trees(side_root, forbidden)


def _folder(path: str) -> str:
    return _real(path).rstrip(os.sep) + os.sep


@cache
def _real(path: str) -> str:
    return os.path.realpath(path)


def _is_installed(real: str, tree: str) -> bool:
    """True for site-packages and virtual environments below ``tree``."""
    if not {*_INSTALLED}.isdisjoint(real[len(tree) :].split(os.sep)):
        return True
    return _in_environment(real.rstrip(os.sep), tree.rstrip(os.sep))


@cache
def _in_environment(folder: str, tree: str) -> bool:
    if len(folder) <= len(tree):
        return False
    return os.path.exists(os.path.join(folder, "pyvenv.cfg")) or _in_environment(
        os.path.dirname(folder), tree
    )


def _ordered(paths: Sequence[str], roots: Iterable[str]) -> list[str]:
    """``paths`` with ``roots`` ahead of the first site-packages folder."""
    first = next((i for i, p in enumerate(paths) if os.path.basename(p) in _INSTALLED), len(paths))
    ahead, behind = paths[:first], paths[first:]
    moved = [root for root in roots if root not in ahead]
    return list(dict.fromkeys([*ahead, *moved, *behind]))


def _is_standard(finder: object) -> bool:
    return finder in (BuiltinImporter, FrozenImporter, PathFinder)


class _Finder(Protocol):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None, /
    ) -> ModuleSpec | None: ...


class Guard:
    """A foreign finder on ``sys.meta_path`` that may not serve what this side's tree has or must not see.

    Compares equal to the finder, which other installers look for before they install it again.
    """

    def __init__(self, finder: _Finder, trees: _Trees) -> None:
        self._finder = finder
        self._trees = trees

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The finder's answer, or None to leave it to the path finder."""
        if path is not None and any(self._trees.owns(entry) for entry in path):
            return None
        # Asked first because some finders rebuild their project as soon as they are asked.
        if any(self._trees.owns(place) for place in _spec_places(PathFinder.find_spec(name, path))):
            return None
        spec = self._finder.find_spec(name, path, target)
        return None if any(self._trees.forbids(place) for place in _spec_places(spec)) else spec

    def __getattr__(self, name: str) -> Any:
        return getattr(self._finder, name)

    def __eq__(self, other: object) -> bool:
        return other is self or bool(other == self._finder)

    def __hash__(self) -> int:
        return hash(self._finder)


def _spec_places(spec: ModuleSpec | None) -> Iterator[str]:
    if spec is None:
        return
    if isinstance(spec.origin, str):
        yield spec.origin
    yield from (place for place in spec.submodule_search_locations or () if isinstance(place, str))


def _places(module: object) -> Iterator[str]:
    """Where a module says it is from; read past ``__getattr__``, which makes lazy modules load."""
    try:
        known = object.__getattribute__(module, "__dict__")
    except AttributeError:
        return
    if isinstance(known.get("__file__"), str):
        yield known["__file__"]
    spec = known.get("__spec__")
    if isinstance(spec, ModuleSpec) and isinstance(spec.origin, str):
        yield spec.origin
    path = known.get("__path__")
    if isinstance(path, Iterable) and not isinstance(path, str):
        yield from (entry for entry in path if isinstance(entry, str))


def _is_ours(name: str, module: object) -> bool:
    """True for the worker's own modules, the controller's even where that is the project under test."""
    package = __name__.rpartition(".")[0]
    if name == "__main__":
        return any(os.path.dirname(_real(file)) == _OWN_FOLDER for file in _places(module))
    return name == package or name.startswith(package + ".")


def _is_of(module: str, names: frozenset[str]) -> bool:
    while module:
        if module in names:
            return True
        module = module.rpartition(".")[0]
    return False


def _stale_placeholders(trees: _Trees) -> set[str]:
    """``sys.path`` entries by which setuptools' editable finders add namespace packages of another tree."""
    found = set()
    for name, module in list(sys.modules.items()):
        placeholder = getattr(module, "PATH_PLACEHOLDER", "") if name.startswith("__editable__") else ""
        if placeholder.endswith(_PLACEHOLDER):
            spaces = getattr(module, "NAMESPACES", {}).values()
            folders = [*getattr(module, "MAPPING", {}).values(), *(folder for s in spaces for folder in s)]
            if any(trees.forbids(str(folder)) for folder in folders):
                found.add(placeholder)
    return found


def _skip_rebuilds(trees: _Trees) -> None:
    """Tell meson-python's finders of another tree to stand aside, in child processes too."""
    for finder in sys.meta_path:
        build = getattr(finder, "_build_path", None)
        if isinstance(build, str) and trees.forbids(build):
            skipped = os.environ.get("MESONPY_EDITABLE_SKIP", "")
            os.environ["MESONPY_EDITABLE_SKIP"] = os.pathsep.join(filter(None, (skipped, build)))


def _evict(trees: _Trees) -> None:
    gone = [
        name
        for name, module in list(sys.modules.items())
        if not _is_ours(name, module) and any(map(trees.forbids, _places(module)))
    ]
    for name in gone:
        del sys.modules[name]
        parent, _, child = name.rpartition(".")
        if parent in sys.modules:
            vars(sys.modules[parent]).pop(child, None)
    if gone:
        # Their functions would otherwise be found alive by the audit.
        gc.collect()


def _live_code(trees: _Trees) -> Iterator[Violation]:
    """Functions and modules that exist without an entry in ``sys.modules``."""
    gc.unfreeze()
    for thing in gc.get_objects():
        # Not isinstance: it asks a lazy proxy for its __class__, which makes the thing load.
        kind = type(thing)
        if kind is FunctionType:
            if _is_stranger(thing.__code__.co_filename, trees):
                yield str(thing.__module__), thing.__code__.co_filename
        elif issubclass(kind, ModuleType):
            name = object.__getattribute__(thing, "__dict__").get("__name__")
            yield from ((str(name), file) for file in _places(thing) if _is_stranger(file, trees))


def _is_stranger(file: str, trees: _Trees) -> bool:
    real = _real(file)
    return trees.forbids(file) and _OWN_FOLDER not in (real, os.path.dirname(real))
