"""The project's modules in a process that has imported it: the clue to where its code really is."""

from __future__ import annotations

import os
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from maint.baseline import roots
from maint.baseline.project import in_environment


def project_modules(
    top: Path, root: Path, modules: Mapping[str, ModuleType], sys_path: Iterable[str] = ()
) -> dict[str, str]:
    """Name to file of the modules that belong to the project, wherever they were imported from.

    They lie in ``top`` (the repository; environments inside it aside) or bear the name of a package that the
    tree provides, as those of a plain install do. Modules of the project's packages that exist but were not
    imported are listed as well, without importing them.
    """
    place = Path(os.path.realpath(root)).relative_to(top).as_posix()
    listed = roots.import_roots(top, place, roots.relative_entries(sys_path, top))
    names = frozenset(roots.unit_names(top, listed))
    found: dict[str, str] = {}
    for name, module in list(modules.items()):
        file = _file(module)
        if file and (_is_in(file, top) or is_of(name, names)):
            found[name] = file
            found.update((n, f) for n, f in _unimported(module, name) if n not in modules)
    return found


def is_of(module: str, names: Iterable[str]) -> bool:
    """True where ``module`` is one of the units in ``names`` or inside one."""
    parts = module.split(".")
    return not {".".join(parts[: i + 1]) for i in range(len(parts))}.isdisjoint(names)


def _file(module: ModuleType) -> str | None:
    # Read past __getattr__ and __getattribute__: lazy modules import themselves when asked.
    try:
        file = object.__getattribute__(module, "__dict__").get("__file__")
    except AttributeError:
        return None
    return file if isinstance(file, str) and Path(file).is_absolute() else None


def _is_in(file: str, top: Path) -> bool:
    path = Path(os.path.realpath(file))
    return path.is_relative_to(top) and not in_environment(path, top)


def _unimported(module: ModuleType, name: str) -> Iterator[tuple[str, str]]:
    path = object.__getattribute__(module, "__dict__").get("__path__")
    if path is None:
        return
    for entry in pkgutil.iter_modules(list(path), name + "."):
        # The parent is imported already, so this runs no code of the project's.
        spec = find_spec(entry.name)
        if spec is not None and spec.origin and spec.has_location:
            yield entry.name, spec.origin
