"""Where a tree's importable code starts, and which top-level modules it holds."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from importlib.machinery import all_suffixes
from pathlib import Path, PurePosixPath

from maint.baseline import declared
from maint.baseline.project import HARNESS_NAMES, in_environment

_NO_PRODUCT = HARNESS_NAMES | frozenset(
    {
        *("doc", "docs", "example", "examples", "sample", "samples"),
        *("script", "scripts", "tool", "tools", "build", "ci"),
    }
)
_NO_MODULE = frozenset({"setup", "conftest", "noxfile", "tasks", "dodo"})
_DEPTH = 3


def relative_entries(entries: Iterable[str], top: Path) -> list[str]:
    """Those ``sys.path`` entries that lie in ``top``, relative to it; not environments and test folders."""
    found = []
    for entry in entries:
        path = Path(os.path.realpath(entry))
        if path.is_relative_to(top) and not in_environment(path, top):
            place = path.relative_to(top)
            if HARNESS_NAMES.isdisjoint(place.parts):
                found.append(place.as_posix())
    return list(dict.fromkeys(found))


def roots_of_modules(modules: Mapping[str, str], top: Path) -> list[str]:
    """Import roots that explain where the loaded ``modules`` (name to file) of ``top`` came from.

    Test modules and conftests say nothing about the project and are left out.
    """
    found = []
    for name, file in modules.items():
        path = Path(os.path.realpath(file))
        if not path.is_relative_to(top) or in_environment(path, top):
            continue
        place = path.relative_to(top)
        first = place.name.split(".")[0]
        stem = place.parent if first == "__init__" else place.with_name(first)
        parts = tuple(name.split("."))
        if stem.parts[-len(parts) :] == parts and not _is_harness(place):
            found.append(Path(*stem.parts[: -len(parts)]).as_posix())
    return list(dict.fromkeys(found))


def _is_harness(place: Path) -> bool:
    return place.name == "conftest.py" or not HARNESS_NAMES.isdisjoint(place.parts[:-1])


def import_roots(tree: Path, root: str, known: Iterable[str]) -> tuple[str, ...]:
    """The import roots of ``tree`` that exist there, relative to it, most specific first.

    ``root`` is the project's folder in the tree; ``known`` are roots seen in use. To these are added what
    the project declares, a ``src`` folder with packages, and the project's folder itself in a flat layout.
    """
    project = tree / root
    found = [*known, *(_join(root, entry) for entry in declared.import_roots(project))]
    if _holds_modules(project / "src", _DEPTH):
        found.append(_join(root, "src"))
    if not found or any(name not in _NO_PRODUCT for name in _regular_packages(project)):
        found.append(root)
    present = [entry for entry in dict.fromkeys(found) if (tree / entry).is_dir()]
    return tuple(sorted(present, key=lambda entry: -len(PurePosixPath(entry).parts)))


def _join(root: str, entry: str) -> str:
    return PurePosixPath(root, entry).as_posix()


def _holds_modules(folder: Path, depth: int) -> bool:
    """True where ``folder`` or, ``depth`` levels deep, a folder in it holds Python modules."""
    if any(_modules(folder)):
        return True
    return depth > 0 and any(_holds_modules(child, depth - 1) for child in _folders(folder))


def _regular_packages(folder: Path) -> Iterator[str]:
    return (child.name for child in _folders(folder) if (child / "__init__.py").is_file())


def _folders(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for child in sorted(folder.iterdir()):
        if child.name.isidentifier() and child.is_dir() and not (child / "pyvenv.cfg").exists():
            yield child


def _modules(folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        return
    suffixes = tuple(all_suffixes())
    for child in sorted(folder.iterdir()):
        stem = child.name.split(".")[0]
        if child.name.endswith(suffixes) and stem.isidentifier() and child.is_file():
            yield stem


def unit_names(tree: Path, roots: Iterable[str]) -> tuple[str, ...]:
    """Dotted names of the modules and packages that the import ``roots`` of ``tree`` provide.

    A namespace package is shared with others, so what counts are the packages inside it, down to
    three levels.
    """
    found: set[str] = set()
    for root in roots:
        found.update(_units(tree / root, "", _DEPTH))
    return tuple(sorted(found))


def _units(folder: Path, prefix: str, depth: int) -> Iterator[str]:
    for name in _modules(folder):
        if prefix or name not in _NO_MODULE:
            yield prefix + name
    for child in _folders(folder):
        if any(name == "__init__" for name in _modules(child)):
            yield prefix + child.name
        elif depth:
            yield from _units(child, f"{prefix}{child.name}.", depth - 1)
