"""What a forge (GitHub, a folder of files) must be able to do for meta-issues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

State = Literal["open", "closed"]
COMPLETED, NOT_PLANNED = "completed", "not_planned"


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """One issue as the forge holds it now.

    ``reason`` is why a closed one is closed: ``completed``, ``not_planned``, another word of the forge's
    (``duplicate``), or empty where the forge does not say; it is empty while open. ``name`` is what people
    call it where that is not ``#number``, such as a file name.
    """

    number: int
    title: str
    body: str
    state: State = "open"
    reason: str = ""
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    url: str = ""
    name: str = ""

    @property
    def shown(self) -> str:
        """What people call it."""
        return self.name or f"#{self.number}"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become of an issue, in one write; None leaves as it is.

    ``reason`` goes with ``state="closed"`` only: ``completed`` or ``not_planned``.
    """

    title: str | None = None
    body: str | None = None
    state: State | None = None
    reason: str | None = None


class Forge(Protocol):
    """Each write is done once, or known not to be done; raises ForgeError with the remedy otherwise.

    A write whose answer was lost (5xx, time-out, reset) is not repeated blindly: the forge is read again, and
    the write is repeated only when it did not take effect.
    """

    def managed(self) -> Sequence[Issue]:
        """Every issue, open or closed, whose body bears a marker (`maint.forge.marker.fingerprint_of`), read
        anew; lowest number first. Neither labels nor authors are relied on: people change the first, and
        several accounts report. Two issues with one marker are both returned."""

    def read(self, number: int) -> Issue:
        """One issue, read anew; ForgeError when it is gone."""

    def create(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        """A new issue; missing labels are created once. The marker in ``body`` tells whether an attempt whose
        answer got lost took effect: then that issue is returned, and none is created. A forge that can tell
        returns the issue that bears the marker already, whoever made it."""

    def edit(self, number: int, change: Change) -> Issue:
        """Change one issue in a single write; setting what is set already is no error. ForgeError where what
        is to change is not as this forge last gave it: somebody else's edit is never written over."""

    def comment(self, number: int, text: str) -> None:
        """Add a comment, unless one with the same first line is there already: that line is a hidden marker
        unique to its occasion, so an attempt that took effect is not repeated."""

    def link(self, path: str, line: int | None, commit: str) -> str:
        """Where a line of a file can be read at ``commit``, quoted; empty when there is no such place."""
