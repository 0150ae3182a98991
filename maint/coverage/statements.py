"""Which statement a line belongs to, and which files coverage would measure: asked of coverage itself.

Its parser and its glob matcher are not among what coverage documents; they are used here alone, rather than
a second opinion on multi-line statements and exclusions that would differ from the numbers judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from maint.coverage.measured import Measured
from maint.extras import require


class StatementMap:
    """The project at ``root`` as the settings of the measurement see it.

    It makes no Coverage object: one more in the process would change how others name their files.
    """

    def __init__(self, root: Path, measured: Measured) -> None:
        self._root = root
        self._scope = measured.scope
        self._excluded = "|".join(f"(?:{pattern})" for pattern in measured.scope.exclude)
        self._folders = {PurePosixPath(path).parent for path in measured.files if not _is_conftest(path)}

    def touched(self, path: str, lines: Iterable[int]) -> frozenset[int] | None:
        """First lines of the statements that ``lines`` of ``path`` belong to; None where it does not parse.

        Comments, blank lines and excluded code are part of none.
        """
        package = require("coverage")
        from coverage.parser import PythonParser
        from coverage.python import get_python_source

        try:
            text = get_python_source(str(self._root / path))
            if not text:  # which the parser takes for no argument
                return frozenset()
            parser = PythonParser(text=text, exclude=self._excluded)
            parser.parse_source()
        except package.exceptions.CoverageException:
            return None
        return frozenset(parser.translate_lines(lines) & parser.statements)

    def is_measurable(self, path: str) -> bool:
        """Whether a run should have measured ``path``: Python, not omitted, and in the folders measured.

        Those are the ``source`` of coverage's settings; without one, folders with a measured file in them or
        above them, where the root counts for its own files alone and ``conftest.py`` for nothing.
        """
        pure = PurePosixPath(path)
        if pure.suffix != ".py" or _is_conftest(path) or self._matches(path, self._scope.omit):
            return False
        if self._scope.source_pkgs:
            return self._is_beside_measured(pure)
        if folders := self._source_folders():
            return any((self._root / path).is_relative_to(folder) for folder in folders)
        if self._scope.include:
            return self._matches(path, self._scope.include)
        return self._is_beside_measured(pure)

    def _is_beside_measured(self, path: PurePosixPath) -> bool:
        above = [folder for folder in path.parents if folder != PurePosixPath(".") or folder == path.parent]
        return any(folder in self._folders for folder in above)

    def _source_folders(self) -> list[Path]:
        """The entries of ``source`` where all are folders; packages by name are found through their files."""
        found = [self._root / name for name in self._scope.source]
        return found if all(folder.is_dir() for folder in found) else []

    def _matches(self, path: str, patterns: Sequence[str]) -> bool:
        from coverage.files import GlobMatcher, prep_patterns

        if not patterns:
            return False
        # Coverage takes them relative to the working directory, which need not be the root here.
        rooted = [one if one.startswith(("*", "?", "/")) else str(self._root / one) for one in patterns]
        return GlobMatcher(prep_patterns(rooted)).match(str(self._root / path))


def _is_conftest(path: str) -> bool:
    return PurePosixPath(path).name == "conftest.py"
