"""Renamed files: each that is gone has one heir at most, the one most like it."""

from __future__ import annotations

from maint.lint.baseline import Entry, line_digest
from maint.lint.renames import heirs

EXCEPT = line_digest("except Exception:")


def file(path: str, symbols: str, digest: str = EXCEPT) -> tuple[str, list[Entry]]:
    """A path with one finding in each of the functions ``symbols``."""
    return path, [Entry(path, "E900", symbol, digest) for symbol in symbols]


def test_a_renamed_file_is_known_by_its_findings() -> None:
    assert heirs(dict([file("new.py", "fg")]), dict([file("old.py", "fg")])) == {"new.py": "old.py"}


def test_of_two_copies_of_a_vanished_file_one_inherits() -> None:
    new = dict([file("copy1.py", "fg"), file("copy2.py", "fg")])
    assert heirs(new, dict([file("old.py", "fg")])) == {"copy1.py": "old.py"}


def test_a_file_that_is_like_it_by_half_needs_the_same_name() -> None:
    new = dict([file("x/a.py", "fh"), file("x/other.py", "fh")])
    assert heirs(new, dict([file("a.py", "fg")])) == {"x/a.py": "a.py"}
    assert heirs(dict([file("x/a.py", "fhi")]), dict([file("a.py", "fg")])) == {}


def test_the_same_name_alone_is_not_enough() -> None:
    assert heirs(dict([file("x/a.py", "hi")]), dict([file("a.py", "fg")])) == {}


def test_of_two_vanished_files_the_one_of_the_same_name_is_taken() -> None:
    gone = dict([file("x/one.py", "fg"), file("x/two.py", "fg")])
    assert heirs(dict([file("y/two.py", "fg")]), gone) == {"y/two.py": "x/two.py"}


def test_the_best_pairs_are_made_first() -> None:
    new = dict([file("a/core.py", "f"), file("b/core.py", "fg")])
    assert heirs(new, dict([file("core.py", "fg")])) == {"b/core.py": "core.py"}


def test_backup_files_are_all_alike_and_no_renames() -> None:
    new, gone = dict([file("x/new.bak", "x", "")]), dict([file("x/old.bak", "x", "")])
    assert heirs(new, gone) == {}
