"""The lines that changed since a revision: the only ones ``--since`` reports."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from maint.errors import BaselineError
from maint.git import Repository, run, split
from maint.lint.decoding import decoded
from maint.lint.discovery import read, relative
from maint.lint.run import Found

# They are about a file as such: the line that they name says nothing of who brought them in.
_ABOUT_THE_FILE = frozenset({"MNT020", "MNT021", "MNT022", "MNT990"})
_HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


class Changes(NamedTuple):
    """``lines`` maps a path, as findings name it, to its changed line ranges, ends included."""

    lines: dict[str, list[tuple[int, int]]]

    def covers(self, path: str, first: int, last: int) -> bool:
        """True where a line from ``first`` to ``last`` of ``path`` changed."""
        return any(start <= last and first <= end for start, end in self.lines.get(path, ()))


def in_changed(found: Sequence[Found], changed: Changes, root: Path) -> list[Found]:
    """Those of ``found`` (sorted by file) whose line, or the block it opens, changed.

    What is about a file as such counts where anything of the file changed.
    """
    kept = []
    for path, group in groupby(found, key=lambda one: one.path):
        content = read(root, path)
        lines = decoded(content).lines if isinstance(content, bytes) else []
        for one in group:
            violation = one.violation
            last = max(violation.end_line, block_end(lines, violation.line))
            whole = violation.code in _ABOUT_THE_FILE and path in changed.lines
            if whole or changed.covers(path, violation.line, last):
                kept.append(one)
    return kept


def block_end(lines: Sequence[str], line: int) -> int:
    """The last line of the block that line ``line`` opens, by indentation; both count from 1.

    A handler whose ``raise`` went is a new finding, although its header is an old line.
    """
    if not 0 < line <= len(lines):
        return line
    level, end = _indentation(lines[line - 1]), line
    for number in range(line + 1, len(lines) + 1):
        if not lines[number - 1].strip():
            continue
        if _indentation(lines[number - 1]) <= level:
            break
        end = number
    return end


def _indentation(line: str) -> int:
    shown = line.expandtabs(8)
    return len(shown) - len(shown.lstrip())


def changes(root: Path, revision: str) -> Changes:
    """What differs between the working tree and the commit where it left ``revision``; untracked files whole.

    Raises BaselineError when there is no repository or no such revision.
    """
    repository = Repository.open(root)
    if repository.commit(revision) is None:
        raise BaselineError(f"--since {revision}: no such commit here; fetch it, or name another one")
    base = repository.ask("merge-base", "HEAD", revision) or revision
    lines: dict[str, list[tuple[int, int]]] = {}
    names = run("diff", "--name-only", "-z", "--diff-filter=d", "--no-renames", base, cwd=repository.top)
    for name in split(names):
        lines[relative(root, repository.top / name)] = _ranges(repository, base, name)
    for name in split(run("ls-files", "-z", "-o", "--exclude-standard", cwd=repository.top)):
        lines[relative(root, repository.top / name)] = [(1, 2**31)]
    return Changes(lines)


def _ranges(repository: Repository, base: str, name: str) -> list[tuple[int, int]]:
    """Changed lines of one file; where lines only went, those around the gap."""
    options = ("-U0", "--no-ext-diff", "--no-color", "--no-textconv", "--no-renames", "--src-prefix=a/")
    text = run("diff", *options, base, "--", f":(top,literal){name}", cwd=repository.top)
    ranges = []
    for match in _HUNK.finditer(text):
        first, count = int(match[1]), int(match[2] or 1)
        ranges.append((first, first + count - 1) if count else (first, first + 1))
    return ranges
