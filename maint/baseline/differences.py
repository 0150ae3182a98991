"""What could change a benchmark without changing the Python code it runs."""

from __future__ import annotations

from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import PurePosixPath

from maint.baseline.trees import TreePair
from maint.git import Repository, run, split

_READ_BY_PEOPLE = frozenset({".md", ".rst", ".adoc"})
_CODE = frozenset({".py", ".pyi"})


def beside_code(repository: Repository, commit: str, trees: TreePair) -> list[str]:
    """Files other than Python code that differ between ``commit`` and the working tree; extension modules.

    Paths are relative to the repository, POSIX. Documents are left out; everything else may be data that a
    benchmark reads. Empty means: if the code that runs is the same, so is what it does.
    """
    changed = {*split(run("diff", "--name-only", "-z", "--no-renames", commit, cwd=repository.top))}
    changed |= {*split(run("ls-files", "-z", "-o", "--exclude-standard", cwd=repository.top))}
    return sorted({*filter(_may_be_data, changed)} | _extensions(trees))


def _may_be_data(name: str) -> bool:
    path = PurePosixPath(name)
    written_by_us = path.parts[0] == ".maint" or "__pycache__" in path.parts
    return not written_by_us and path.suffix not in _CODE | _READ_BY_PEOPLE


def _extensions(trees: TreePair) -> set[str]:
    return {
        path.relative_to(tree.path).as_posix()
        for tree in (trees.baseline, trees.head)
        for path in tree.path.rglob("*")
        if path.name.endswith(tuple(EXTENSION_SUFFIXES))
    }
