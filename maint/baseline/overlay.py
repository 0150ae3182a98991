"""What drives both sides: head's benchmark files, their conftests and what stands beside them."""

from __future__ import annotations

import filecmp
import fnmatch
import glob
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

import msgspec

from maint.baseline import declared
from maint.baseline.lock import remove_tree
from maint.baseline.project import HARNESS_NAMES, Project
from maint.baseline.snapshot import copy_entry
from maint.errors import BaselineError

# Names of product modules too: `numpy.testing` is no test folder, `numpy/tests` is one.
_AMBIGUOUS = frozenset({"testing", "perf", "benchmark", "bench"})
_SIBLINGS = ("test_*.py", "*_test.py", "tests.py", "bench*.py", "*_bench.py", "*_benchmark.py", "conftest.py")


class Plan(msgspec.Struct, frozen=True):
    """``folders`` are taken over whole, ``files`` one by one; relative to the repository's top, POSIX."""

    folders: tuple[str, ...]
    files: tuple[str, ...]


def plan(project: Project, top: Path, head: Path, roots: Iterable[str]) -> Plan:
    """What of ``head`` (the copy of ``top``) drives the baseline too; ``roots`` are head's import roots.

    For a benchmark file that is its highest ancestor named like a test folder; without one, the file itself,
    the conftests above it and the modules beside it whose names look like tests. Raises BaselineError for a
    benchmark outside of ``top``.
    """
    folders: set[str] = set()
    files: set[str] = set()
    product = _Product(head, project.root.relative_to(top).as_posix(), tuple(roots))
    for path in project.benchmark_files:
        if not path.is_relative_to(top):
            raise BaselineError(f"{path}: outside of {top}; the gate runs benchmarks of the repository only")
        place = path.relative_to(top)
        folder = product.harness_folder(place)
        if folder is None:
            files.update(_beside(head, place))
        else:
            folders.add(folder)
        files.update((parent / "conftest.py").as_posix() for parent in place.parents)
    named = [*project.conftest_files, *([project.ini_file] if project.ini_file else [])]
    files.update(path.relative_to(top).as_posix() for path in named if path.is_relative_to(top))
    files.update(name for name in matches(project.harness, project, top) if (head / name).is_file())
    present = (name for name in files if (head / name).is_file() and not _within(name, folders))
    return Plan(tuple(sorted(folders)), tuple(sorted(present)))


class _Product:
    """Tells the project's own packages from the folders that test them."""

    def __init__(self, head: Path, root: str, roots: tuple[str, ...]) -> None:
        self._head = head
        self._source_roots = {PurePosixPath(entry) for entry in roots} - {PurePosixPath(root)}
        name = declared.table(declared.pyproject(head / root), "project").get("name", "")
        self._own = re.sub(r"[-_.]+", "_", str(name)).lower()

    def harness_folder(self, place: Path) -> str | None:
        """The highest folder above ``place`` that is named like a test folder and no part of the product."""
        for folder in reversed(place.parents):
            if folder.name in HARNESS_NAMES and not self._is_product(PurePosixPath(folder)):
                return folder.as_posix()
        return None

    def _is_product(self, folder: PurePosixPath) -> bool:
        if folder.name.lower() == self._own or folder.parent in self._source_roots:
            return True
        return folder.name in _AMBIGUOUS and (self._head / folder.parent / "__init__.py").is_file()


def _beside(head: Path, place: Path) -> Iterator[str]:
    yield place.as_posix()
    for sibling in (head / place.parent).iterdir():
        if any(fnmatch.fnmatchcase(sibling.name, pattern) for pattern in _SIBLINGS):
            yield (place.parent / sibling.name).as_posix()


def _within(name: str, folders: Iterable[str]) -> bool:
    return any(PurePosixPath(name).is_relative_to(folder) for folder in folders)


def matches(patterns: Iterable[str], project: Project, top: Path) -> list[str]:
    """Files of the user's tree that glob ``patterns`` match (``**`` for any depth), relative to ``top``.

    Raises BaselineError for a pattern that leaves the project.
    """
    found: set[str] = set()
    for pattern in patterns:
        if PurePosixPath(pattern).is_absolute() or ".." in PurePosixPath(pattern).parts:
            raise BaselineError(f"{pattern!r}: leads out of {project.root}; give a pattern relative to it")
        # Path.glob("data/**") yields folders only before Python 3.13.
        for name in glob.glob(  # noqa: PTH207
            pattern, root_dir=project.root, recursive=True, include_hidden=True
        ):
            path = project.root / name
            if path.is_file() and "__pycache__" not in path.parts:
                found.add(path.relative_to(top).as_posix())
    return sorted(found)


def apply(chosen: Plan, head: Path, baseline: Path) -> Mapping[str, str]:
    """Make ``baseline`` hold head's version of what was chosen; returns what it replaced or removed.

    The result maps the changed Python files, relative, to the baseline's own source, empty where it had none.
    """
    replaced: dict[str, str] = {}
    for folder in chosen.folders:
        names = {*_files(head, folder), *_files(baseline, folder)}
        replaced |= {
            name: _source(baseline / name) for name in names if _differs(head / name, baseline / name)
        }
        remove_tree(baseline / folder)
        for name in _files(head, folder):
            copy_entry(head / name, baseline / name, head)
    for name in chosen.files:
        if _differs(head / name, baseline / name):
            replaced[name] = _source(baseline / name)
        copy_entry(head / name, baseline / name, head)
    return {name: source for name, source in sorted(replaced.items()) if name.endswith(".py")}


def _files(tree: Path, folder: str) -> list[str]:
    listed = ((tree / folder).rglob("*")) if (tree / folder).is_dir() else ()
    return [p.relative_to(tree).as_posix() for p in listed if p.is_symlink() or p.is_file()]


def _differs(head: Path, baseline: Path) -> bool:
    if not (head.is_file() and baseline.is_file()):
        return True
    return not filecmp.cmp(head, baseline, shallow=False)


def _source(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
