"""The proof that an edit changed what it was to change and nothing else."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

from maint.errors import InputError
from maint.fix.proposal import Edit
from maint.fix.source import Source

_Shape = tuple[str, int, int, str]


def verify(before: Source, after: Source, edits: Sequence[Edit]) -> None:
    """Compare the trees outside the edits; raises InputError where anything there differs.

    That the text outside is the same follows from how edits are made; the meaning of it might still change,
    for instance when an edit left a string open.
    """
    spans = sorted(edits)
    if Counter(_shapes(before, _Old(spans))) != Counter(_shapes(after, _New(spans))):
        raise InputError(f"{before.path}: the edit would change code around it; edit it by hand")


class _Old:
    """Positions of the text before."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self.spans = [(edit.start, edit.end) for edit in edits]

    def origin(self, offset: int) -> int:
        return offset


class _New:
    """Positions of the text after, taken back to those of the text before."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        gained = [len(edit.text) - (edit.end - edit.start) for edit in edits]
        shifts = [0, *accumulate(gained)]
        self.spans = [
            (edit.start + shift, edit.start + shift + len(edit.text))
            for edit, shift in zip(edits, shifts, strict=False)
        ]
        self._ends = [end for _, end in self.spans]
        self._shifts = shifts

    def origin(self, offset: int) -> int:
        return offset - self._shifts[bisect_right(self._ends, offset)]


def _shapes(source: Source, positions: _Old | _New) -> Iterator[_Shape]:
    """Every node outside the edits by class, place and plain fields; of those around one only the class."""
    for node in ast.walk(source.tree):
        if not hasattr(node, "lineno"):
            continue
        start, end = source.span(node)
        touching = [span for span in positions.spans if span[0] <= end and start <= span[1]]
        if not touching:
            plain = {name: value for name, value in ast.iter_fields(node) if not _is_tree(value)}
            yield type(node).__name__, positions.origin(start), positions.origin(end), repr(plain)
        elif all(start < span[0] and span[1] < end for span in touching):
            yield type(node).__name__, positions.origin(start), 0, ""


def _is_tree(value: object) -> bool:
    return isinstance(value, ast.AST) or (
        isinstance(value, list) and any(isinstance(each, ast.AST) for each in value)
    )
