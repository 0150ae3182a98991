"""One file before and after, verified, and written in one step."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from maint.errors import InputError
from maint.fix.imports import import_edits
from maint.fix.proposal import Proposal, compatible, spliced
from maint.fix.source import Source
from maint.fix.verification import verify
from maint.report import atomic


class Change(NamedTuple):
    """``proposals`` are those that ``after`` holds."""

    before: Source
    after: Source
    proposals: tuple[Proposal, ...]

    @property
    def path(self) -> str:
        """The file, relative to the root."""
        return self.before.path

    @property
    def diff(self) -> str:
        """As a unified diff that ``patch -p1`` takes."""
        lines = difflib.unified_diff(
            self.before.text.splitlines(keepends=True),
            self.after.text.splitlines(keepends=True),
            f"a/{self.path}",
            f"b/{self.path}",
        )
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
        )


def change(source: Source, proposals: Sequence[Proposal]) -> Change:
    """The file with ``proposals``, less those that overlap earlier ones; InputError where verifying fails."""
    kept = compatible(proposals)
    edits = [edit for proposal in kept for edit in proposal.edits]
    edits += import_edits(source, [one for proposal in kept for one in proposal.imports])
    after = source.with_text(spliced(source.text, edits))
    verify(source, after, edits)
    return Change(source, after, tuple(kept))


def write(root: Path, path: str, expected: bytes, content: bytes) -> None:
    """Replace ``expected`` by ``content`` in the file; its mode stays, and a link still leads to it.

    Raises InputError where the file holds something else by now, MaintError where it cannot be written.
    """
    target = (root / path).resolve()
    if target.read_bytes() != expected:
        raise InputError(f"{path}: changed while this ran, so it was left alone; run again")
    mode = target.stat().st_mode
    atomic.write_bytes(target, content)
    target.chmod(mode)
