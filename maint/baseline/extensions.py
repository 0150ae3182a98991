"""Compiled extensions: reuse what is built where the sources agree, else build both trees, else refuse."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

import msgspec

from maint.baseline import declared
from maint.baseline.project import in_environment
from maint.baseline.snapshot import copy_entry
from maint.errors import BaselineError
from maint.git import Repository

_SOURCE_SUFFIXES = (
    *(".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx", ".cu", ".cuh", ".m", ".mm", ".s", ".asm"),
    *(".pyx", ".pxd", ".pxi", ".rs", ".f", ".f90", ".f95", ".for", ".go", ".zig", ".i", ".cmake"),
)
_BUILD_FILES = frozenset(
    {
        *("CMakeLists.txt", "meson.build", "meson.options", "meson_options.txt", "setup.py", "build.py"),
        *("Cargo.toml", "Cargo.lock", "build.rs", "configure.ac", "conanfile.py"),
    }
)
_BUILD_TABLES = ("build-system", "tool.setuptools", "tool.scikit-build", "tool.meson-python", "tool.maturin")
_COMPILED = re.compile(r"\.(so|pyd|dll|dylib)(\.[0-9.]+)?$")
_LAST_WORDS = 3


class Built(msgspec.Struct, frozen=True):
    """A file git does not know but the project runs: ``source`` (absolute) belongs at ``place`` in the tree.

    ``is_installed``: it was found in a build folder or in site-packages, not beside the sources.
    """

    source: Path
    place: str
    is_installed: bool = False

    @property
    def is_compiled(self) -> bool:
        return _COMPILED.search(self.place) is not None


def built_files(
    repository: Repository, modules: Mapping[str, str], roots: Iterable[str], names: Iterable[str]
) -> list[Built]:
    """Files git does not know that the project's packages need.

    Ignored files beside the sources (``_version.py``, in-place extensions), and modules of the project that
    were only found in a build folder or in site-packages. ``roots`` and ``names`` are head's import roots
    and unit names; ``modules`` maps the modules that were loaded or found to their files.
    """
    folders = {_folder_of(repository.top, name, roots) for name in names} - {None}
    found = [
        Built(repository.top / name, name)
        for name in repository.ignored(sorted(str(folder) for folder in folders))
        if _is_needed(repository.top, name)
    ]
    known = set(repository.files()) | {built.place for built in found}
    for module, file in sorted(modules.items()):
        place = _place_of(repository.top, module, Path(file), roots)
        if place is not None and place not in known and not _has_source(repository.top, place, known):
            found.append(Built(Path(file), place, is_installed=True))
    return found


def _folder_of(top: Path, name: str, roots: Iterable[str]) -> str | None:
    for root in roots:
        place = PurePosixPath(root, *name.split("."))
        if (top / place).is_dir():
            return place.as_posix()
    return None


def _is_needed(top: Path, name: str) -> bool:
    parts = PurePosixPath(name).parts
    if "__pycache__" in parts or "node_modules" in parts or name.endswith((".pyc", ".pyo", ".o", ".d")):
        return False
    # A generated source of head's would be built into the baseline, and nothing runs it otherwise.
    return not _is_source(PurePath(name)) and not in_environment(top / name, top)


def _place_of(top: Path, module: str, file: Path, roots: Iterable[str]) -> str | None:
    """Where in the tree ``module`` would be: beside its package, which the tree must have."""
    parts = module.split(".")
    folder = parts if file.name.startswith("__init__.") else parts[:-1]
    for root in roots:
        place = PurePosixPath(root, *folder)
        if (len(folder) > 0 or file.name.endswith(tuple(EXTENSION_SUFFIXES))) and (top / place).is_dir():
            return (place / file.name).as_posix()
    return None


def _has_source(top: Path, place: str, known: set[str]) -> bool:
    """True where the tree has the module in another form than an installed copy of it."""
    stem = place.removesuffix(".py")
    return f"{stem}/__init__.py" in known or (place.endswith(".py") and (top / place).is_file())


def provide(built: list[Built], build: str | None, trees: tuple[Path, Path], root: str) -> list[str]:
    """Give both ``trees`` (baseline, head) the files in ``built`` that they lack; returns notes.

    Extensions are reused when none of their sources differ between the trees; else ``build`` runs in both,
    in the project's folder ``root``. Raises BaselineError where they differ without a ``build``, or it fails.
    """
    compiled = [file for file in built if file.is_compiled]
    plain = _copy([file for file in built if not file.is_compiled], trees)
    notes = [f"not in git, so head's on both sides: {_some(plain)}"] if plain else []
    if not compiled and build is None:
        return notes
    changed = _changed_sources(trees, root, compiled)
    if compiled and not changed:
        _copy(compiled, trees)
        return [*notes, f"compiled extension modules: head's build on both sides ({len(compiled)})"]
    if build is None:
        raise BaselineError(
            f"{changed[0]}: differs between baseline and head, so one build of {compiled[0].place} cannot "
            'serve both; set build = "..." under [tool.maint.benchmark] to the command that builds in place'
        )
    for side, tree in zip(("baseline", "head"), trees, strict=True):
        _build(build, tree / root, side)
    return [*notes, f"compiled extension modules: built on each side ({build})"]


def _copy(files: Iterable[Built], trees: tuple[Path, Path]) -> list[str]:
    """Copy what a tree lacks; returns the places filled."""
    copied: list[str] = []
    for file in files:
        lacking = [tree for tree in trees if not os.path.lexists(tree / file.place)]
        # A module that one commit has and an installed copy too was added or removed, not generated.
        if file.is_installed and len(lacking) < len(trees):
            continue
        for tree in lacking:
            copy_entry(file.source, tree / file.place, file.source.parent)
        copied += [file.place] if lacking else []
    return copied


def _some(names: list[str]) -> str:
    rest = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + rest


def _changed_sources(trees: tuple[Path, Path], root: str, compiled: Iterable[Built]) -> list[str]:
    """Sources and build settings that differ between ``trees``, relative to them.

    A Python file counts where an extension of the same name was made from it (Cython's pure mode, mypyc).
    """
    stems = {_stem(file.place) for file in compiled}
    sources: set[str] = set()
    for tree in trees:
        for path in _walk(tree):
            place = path.relative_to(tree).as_posix()
            is_compiled_python = path.suffix == ".py" and place.removesuffix(".py") in stems
            if is_compiled_python or _is_source(path):
                sources.add(place)
    changed = [name for name in sorted(sources) if _bytes(trees[0] / name) != _bytes(trees[1] / name)]
    if _build_settings(trees[0] / root) != _build_settings(trees[1] / root):
        changed.append((PurePosixPath(root) / "pyproject.toml").as_posix())
    return changed


def _is_source(path: PurePath) -> bool:
    return path.suffix.lower() in _SOURCE_SUFFIXES or path.name in _BUILD_FILES


def _walk(tree: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(tree):
        folders[:] = [name for name in folders if name not in (".git", "node_modules")]
        yield from (Path(folder, name) for name in files)


def _stem(place: str) -> str:
    path = PurePosixPath(place)
    return path.with_name(path.name.split(".")[0].removesuffix("__mypyc")).as_posix()


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _build_settings(folder: Path) -> list[Any]:
    data = declared.pyproject(folder)
    return [declared.table(data, name) for name in _BUILD_TABLES]


def _build(command: str, folder: Path, side: str) -> None:
    """Run the user's build command with the running interpreter first on PATH."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    argv = shlex.split(command)
    program = shutil.which(argv[0], path=path) if argv else None
    if program is None:
        raise BaselineError(f"build = {command!r}: no such program; give a command that runs in {folder}")
    done = subprocess.run(
        [program, *argv[1:]],
        cwd=folder,
        env=os.environ | {"PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        words = " / ".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-_LAST_WORDS:])
        raise BaselineError(f"build = {command!r}: failed on {side}, {words}; make it build there")
