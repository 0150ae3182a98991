"""The lines that changed since a commit: committed, staged, unstaged and untracked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from maint import git

_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPED = re.compile(r"\\([0-7]{3}|.)")
_NAMED = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13}


def changed_lines(root: Path, commit: str) -> dict[str, frozenset[int]]:
    """Path relative to ``root`` -> lines of the working tree that are not in ``commit``.

    A renamed file has the lines that changed, an untracked one all of its lines. Raises BaselineError.
    """
    found = parse_diff(
        git.run(
            *("-c", "core.quotePath=false", "diff", "--unified=0", "--find-renames", "--relative"),
            *(
                "--no-color",
                "--no-ext-diff",
                "--no-textconv",
                "--ignore-submodules",
                "--diff-algorithm=myers",
            ),
            *("--src-prefix=a/", "--dst-prefix=b/", "--inter-hunk-context=0", commit, "--"),
            cwd=root,
        )
    )
    for name in git.split(git.run("ls-files", "-z", "--others", "--exclude-standard", cwd=root)):
        found[name] = frozenset(range(1, _line_count(root / name) + 1))
    return found


def renames(root: Path, commit: str) -> dict[str, str]:
    """New path -> old path, relative to ``root``, of files renamed between ``commit`` and the working tree.

    Files that git does not track yet are no renames. Raises BaselineError.
    """
    listed = git.split(
        git.run(
            *("diff", "-z", "--name-status", "--find-renames", "--diff-filter=R", "--relative"),
            *("--no-ext-diff", "--ignore-submodules", commit, "--"),
            cwd=root,
        )
    )
    return {new: old for _, old, new in zip(listed[::3], listed[1::3], listed[2::3], strict=True)}


def parse_diff(text: str) -> dict[str, frozenset[int]]:
    """New path -> added lines, of a unified diff without context lines."""
    found: dict[str, frozenset[int]] = {}
    lines = iter(text.split("\n"))
    path = ""
    for line in lines:
        if line.startswith("+++ "):
            path = _path(line[4:])
        elif match := _HUNK.match(line):
            removed, start, added = int(match[1] or 1), int(match[2]), int(match[3] or 1)
            # Counted, not looked at: an added line may read like a header.
            _skip(lines, removed + added)
            if added and path:
                found[path] = found.get(path, frozenset()) | frozenset(range(start, start + added))
    return found


def _skip(lines: Iterator[str], count: int) -> None:
    for _ in range(count):
        if next(lines, "").startswith("\\"):  # "\ No newline at end of file" stands between the two sides
            next(lines, "")


def _path(name: str) -> str:
    r"""The path of a ``+++`` line: ``b/src/a.py``, or in quotes with C escapes; empty for ``/dev/null``."""
    name = name.removesuffix("\t")
    if name.startswith('"'):
        name = _unescaped(name[1:-1])
    return name.removeprefix("b/") if name != "/dev/null" else ""


def _unescaped(text: str) -> str:
    def byte(match: re.Match[str]) -> str:
        code = match[1]
        number = int(code, 8) if len(code) == 3 else _NAMED.get(code, ord(code))
        return bytes([number]).decode("utf-8", "surrogateescape")

    once = _ESCAPED.sub(byte, text)
    return once.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def _line_count(path: Path) -> int:
    try:
        content = path.read_bytes()
    except OSError:
        return 0
    return content.count(b"\n") + (not content.endswith(b"\n"))
