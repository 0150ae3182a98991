"""What a forge (GitHub, a folder of files) must be able to do for meta-issues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

State = Literal["open", "closed"]


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """One issue as the forge holds it now; ``reason`` of a closed one: ``completed``, ``not_planned``."""

    number: int
    title: str
    body: str
    state: State = "open"
    reason: str = ""
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    url: str = ""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become of an issue; None leaves as it is."""

    title: str | None = None
    body: str | None = None
    state: State | None = None
    reason: str | None = None


class Forge(Protocol):
    """Each write is done once, or known not to be done; raises ForgeError with the remedy otherwise."""

    def managed(self) -> Sequence[Issue]:
        """Every issue, open or closed, whose body bears a marker of ours, read anew; lowest number first."""

    def read(self, number: int) -> Issue:
        """One issue, read anew."""

    def create(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        """A new issue; missing labels are created. The marker in ``body`` tells whether an attempt whose
        answer got lost took effect: then that issue is returned, and none is created."""

    def edit(self, number: int, change: Change) -> Issue:
        """Change one issue; setting what is set already is no error."""

    def comment(self, number: int, text: str) -> None:
        """Add a comment, unless one with exactly this text is there already (an attempt took effect)."""

    def link(self, path: str, line: int | None, commit: str) -> str:
        """Where a line of a file can be read at ``commit``; empty when there is no such place."""
