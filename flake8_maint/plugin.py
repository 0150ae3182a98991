"""The flake8 entry point: what the rules find, in the tuples flake8 wants."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from flake8_maint.rules.backup_file import RULE, backups, is_shipped


class Checker:
    """One a file: flake8 fills the parameters by their names, and ``tree`` makes it a tree plugin."""

    name = "flake8-maint"
    version = version("pytest-maint")

    def __init__(self, tree: ast.AST, filename: str) -> None:
        self._file = _relative(Path(filename))

    def run(self) -> Iterator[tuple[int, int, str, type[Checker]]]:
        """Line, column, text with the code first, and this class, for each finding.

        flake8 never visits a ``core.py.bak``: a package's backups are reported at its ``__init__.py``.
        """
        package = self._file.parent
        if self._file.name != "__init__.py" or not is_shipped(package):
            return
        for name in backups(_files(package)):
            place = (package / name).as_posix()
            yield 1, 0, f"{RULE.code} {place}: {RULE.summary}; {RULE.remedy}", Checker


def _relative(path: Path) -> Path:
    """``path`` as seen from here: editors give absolute ones, and folders above say nothing of the code."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _files(folder: Path) -> list[str]:
    """The files of ``folder``; none where it cannot be read, an error here would end the whole flake8 run."""
    try:
        return [path.name for path in folder.iterdir() if path.is_file()]
    except OSError:
        return []
