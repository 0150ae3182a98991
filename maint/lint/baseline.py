"""The baseline: the findings an old code base starts with, so that only new ones fail.

Light enough for flake8's start-up: neither msgspec nor git.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from maint.errors import InputError
from maint.lint.noqa import unsuppressed
from maint.lint.settings import rule_code
from maint.lint.violation import Violation

FILE = ".maint/lint-baseline.jsonl"
SCHEMA = "maint.lint-baseline/1"


class Entry(NamedTuple):
    """One known finding; ``symbol`` is the qualified name it is in, ``digest`` that of its normalised line.

    ``ordinal`` counts those that are equal otherwise, so that each has a line of its own.
    """

    path: str
    code: str
    symbol: str
    digest: str
    ordinal: int = 0

    @property
    def cause(self) -> tuple[str, str, str]:
        """What stays the same when the file is renamed."""
        return (self.code, self.symbol, self.digest)


def line_digest(line: str) -> str:
    """Identity of a source line whatever its indentation and spacing; 12 hex digits."""
    return hashlib.sha256(" ".join(line.split()).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def numbered(entries: Iterable[Entry]) -> list[Entry]:
    """The entries in their order, equal ones told apart by their ordinal."""
    seen: Counter[Entry] = Counter()
    result = []
    for entry in entries:
        bare = entry._replace(ordinal=0)
        result.append(entry._replace(ordinal=seen[bare]))
        seen[bare] += 1
    return result


class Baseline:
    """The known findings by file; ``exists`` tells whether a path is still there."""

    def __init__(self, entries: Iterable[Entry], exists: Callable[[str], bool]) -> None:
        self.entries = list(entries)
        self._exists = exists
        self._by_path: dict[str, list[Entry]] = {}
        for entry in self.entries:
            self._by_path.setdefault(entry.path, []).append(entry)

    @cached_property
    def gone(self) -> dict[str, list[Entry]]:
        """The entries of the files that are no longer there, by path."""
        return {path: entries for path, entries in self._by_path.items() if not self._exists(path)}

    def names(self, path: str) -> bool:
        """Whether there are entries of this path."""
        return path in self._by_path

    def knows(self, here: Sequence[Entry], former: str = "") -> list[bool]:
        """Which of ``here``, all the findings of one file in its order, are known.

        Matched by code, symbol and line; then by code and line (the function was renamed). A file that the
        baseline does not name has the entries of ``former``, the path that it had before.
        """
        if not here:
            return []
        return _matched(here, self._by_path.get(here[0].path) or self._by_path.get(former) or [])

    def knows_file(self, path: str, code: str) -> bool:
        """Whether a finding about a file as such, not about a line of it, is known."""
        return self.knows([Entry(path, code, "", "")]) == [True]

    def former(self, here: Sequence[Entry]) -> str:
        """The vanished path that one file was moved from, for a caller that sees no other file; or ``""``.

        It must have the same name and the same findings, because nobody counts how often it is taken.
        """
        if not here or self.names(here[0].path):
            return ""
        same = (path for path, entries in sorted(self.gone.items()) if is_moved(here, entries))
        return next(same, "")


def is_moved(here: Sequence[Entry], before: Sequence[Entry]) -> bool:
    """Whether two files have the same base name and the same findings."""
    return base_name(here) == base_name(before) and causes(here) == causes(before)


def base_name(entries: Sequence[Entry]) -> str:
    """The last part of the path of one file's entries."""
    return entries[0].path.rpartition("/")[2]


def causes(entries: Iterable[Entry]) -> Counter[tuple[str, str, str]]:
    """What of the entries stays the same in a renamed file, counted."""
    return Counter(entry.cause for entry in entries)


def new_in_file(
    violations: Sequence[Violation], lines: Sequence[str], path: str, baseline: Baseline
) -> list[Violation]:
    """Those of one file's violations that neither a comment nor the baseline takes back.

    For flake8, which looks at comments only later: one that is suppressed must not use up a known one.
    """
    kept = unsuppressed(violations, lines)
    text = ["", *lines, ""]
    here = [
        Entry(path, rule_code(one.code), one.symbol, line_digest(text[min(one.line, len(text) - 1)]))
        for one in kept
    ]
    known = baseline.knows(here, baseline.former(here))
    return [one for one, is_known in zip(kept, known, strict=True) if not is_known]


def _matched(here: Sequence[Entry], before: Sequence[Entry]) -> list[bool]:
    exact = causes(before)
    result = [_take(exact, entry.cause) for entry in here]
    loose: Counter[tuple[str, str]] = Counter()
    for (code, _, digest), count in exact.items():
        loose[code, digest] += count
    return [
        known or _take(loose, (entry.code, entry.digest)) for known, entry in zip(result, here, strict=True)
    ]


def _take(left: Counter[Any], key: object) -> bool:
    if left[key] <= 0:
        return False
    left[key] -= 1
    return True


def read(path: Path) -> list[Entry]:
    """The entries of a baseline file; InputError names the line that is none.

    Duplicate lines, as a union merge of two branches leaves them, count once.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise InputError(f"{path}: no baseline; write one with: maint lint --baseline --add") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}; restore it from git") from None
    entries: dict[Entry, None] = {}
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith('{"schema"'):
            entries[_entry(path, number, line)] = None
    return list(entries)


def _entry(path: Path, number: int, line: str) -> Entry:
    try:
        match json.loads(line):
            case [str(place), str(code), str(symbol), str(digest), int(ordinal)]:
                return Entry(place, code, symbol, digest, ordinal)
    except ValueError:
        pass
    raise InputError(
        f"{path}:{number}: not an entry [path, code, symbol, digest, ordinal]; "
        "resolve the merge conflict, or restore the file from git"
    )


def text(entries: Iterable[Entry]) -> str:
    """The file: one sorted line an entry, so that branches merge and a review shows what moved."""
    rows = [json.dumps(list(entry), ensure_ascii=True) for entry in sorted(entries)]
    return "\n".join((json.dumps({"schema": SCHEMA}), *rows)) + "\n"
