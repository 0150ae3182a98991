"""The flake8 entry point: what the rules find, in the tuples flake8 wants."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import TYPE_CHECKING

from flake8_maint.folders import backup_violations
from flake8_maint.options import Session, add_options, session
from maint.lint.engine import check_tree

if TYPE_CHECKING:
    import argparse
    import ast
    from collections.abc import Iterator

    from flake8.options.manager import OptionManager


class Checker:
    """One a file: flake8 fills the parameters by their names, and ``tree`` makes it a tree plugin."""

    def __init__(
        self, tree: ast.Module, filename: str, lines: list[str], options: argparse.Namespace
    ) -> None:
        self._tree = tree
        self._lines = lines
        self._session: Session = options.maint
        self._path = _relative(filename, str(self._session.root))

    @staticmethod
    def add_options(option_manager: OptionManager) -> None:
        """Declare our options to flake8."""
        add_options(option_manager)

    @staticmethod
    def parse_options(manager: OptionManager, options: argparse.Namespace, files: list[str]) -> None:
        """Read the settings once a process; they travel to each file with flake8's own."""
        options.maint = session(options)

    # a generator: flake8 mistakes an AttributeError of a plain function for "this is no class"
    def run(self) -> Iterator[tuple[int, int, str, type[Checker]]]:
        """Line, column from 0, text with the code first, and this class, for each violation."""
        session = self._session
        found = check_tree(self._tree, self._lines, self._path, session.settings)
        if session.baseline:
            from maint.lint.baseline import new_in_file

            found = new_in_file(found, self._lines, self._path.as_posix(), session.baseline)
        for one in (*found, *backup_violations(self._path, session)):
            yield one.line, one.column - 1, f"{one.code} {one.message}", Checker


def _relative(path: str, root: str) -> PurePath:
    """``path`` as seen from the root: editors give absolute ones, and folders above say nothing."""
    absolute = os.path.abspath(path)  # noqa: PTH100 - pathlib would be half of what a file costs
    inside = os.path.join(root, "")  # noqa: PTH118
    return PurePath(absolute.removeprefix(inside) if absolute.startswith(inside) else path)
