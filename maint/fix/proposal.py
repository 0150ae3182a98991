"""What a fix proposes: edits of one file, why, and whether they keep the meaning of the program."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Edit(NamedTuple):
    """``text`` instead of the characters from ``start`` to ``end``."""

    start: int
    end: int
    text: str


class Import(NamedTuple):
    """``from module import name``, or ``import module`` where ``name`` is empty."""

    module: str
    name: str = ""


class Proposal(NamedTuple):
    """One change of one place. ``safe``: the program does the same, or only logs more."""

    code: str
    line: int
    title: str
    safe: bool
    edits: tuple[Edit, ...]
    imports: tuple[Import, ...] = ()


def spliced(text: str, edits: Iterable[Edit]) -> str:
    """``text`` with edits that do not overlap."""
    parts = []
    position = 0
    for edit in sorted(edits):
        parts += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join((*parts, text[position:]))


def compatible(proposals: Iterable[Proposal]) -> list[Proposal]:
    """The proposals without those that overlap an earlier one."""
    taken: list[Edit] = []
    kept = []
    for proposal in proposals:
        if not any(_overlap(edit, other) for edit in proposal.edits for other in taken):
            taken += proposal.edits
            kept.append(proposal)
    return kept


def _overlap(one: Edit, other: Edit) -> bool:
    return one.start < other.end and other.start < one.end
