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

_Shape = tuple[str, int, int, str, str]


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
    """Every node outside the edits by class, place, plain fields and what it lies in.

    Of those around an edit only class, start and what they lie in; of those that an edit is part of, nothing.
    """
    pending: list[tuple[ast.AST, str, str]] = [(source.tree, "", "")]
    while pending:
        node, field, outer = pending.pop()
        inner = type(node).__name__
        if hasattr(node, "lineno"):
            start, end = source.span(node)
            touching = [span for span in positions.spans if span[0] <= end and start <= span[1]]
            at = positions.origin(start)
            if not touching:
                plain = {name: value for name, value in ast.iter_fields(node) if not _is_tree(value)}
                yield inner, at, positions.origin(end), repr(plain), f"{outer}.{field}"
            elif all(start < span[0] and span[1] < end for span in touching):
                yield inner, at, 0, "", f"{outer}.{field}"
            inner = f"{inner}@{at}" if all(start < span[0] for span in touching) else "edited"
        pending += [
            (each, name, inner)
            for name, value in ast.iter_fields(node)
            for each in (value if isinstance(value, list) else [value])
            if isinstance(each, ast.AST)
        ]


def _is_tree(value: object) -> bool:
    return isinstance(value, ast.AST) or (
        isinstance(value, list) and any(isinstance(each, ast.AST) for each in value)
    )
