"""What the ratchet decided: the verdict on each file and the total, in the words of a terminal."""

from __future__ import annotations

import enum
import textwrap
from collections.abc import Iterable, Iterator

import msgspec

from maint.coverage.baseline import Row
from maint.coverage.counts import Counts
from maint.coverage.measured import FileMeasure
from maint.coverage.patch import Patch
from maint.findings import Finding, Severity

TERMINAL_LINES = 20
_EACH = 3
_FAILING = frozenset({Severity.CRITICAL, Severity.HIGH})


class Status(enum.StrEnum):
    """Where one file stands against the baseline, what fails first."""

    FELL = "fell"
    UNMEASURED = "not measured"
    TOO_LOW = "new, too low"
    EXCEPTED = "excepted"
    NEW = "new"
    ROSE = "rose"
    HELD = "held"
    GONE = "gone"


class FileVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """One file: what was demanded (``row``), what was measured (``now``), its ``old_path`` if renamed."""

    path: str
    status: Status
    row: Row | None = None
    now: FileMeasure | None = None
    old_path: str = ""

    @property
    def more_missed(self) -> int:
        """How many more are missed than the row allows; all of a file without one."""
        now = self.now.counts.misses if self.now else 0
        return now - (self.row.counts.misses if self.row else 0)


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """The whole verdict. ``total`` is what was measured, ``baseline_total`` what it was compared with.

    ``key`` is that of the environment. ``files`` is empty where nothing was compared. ``notes`` are
    sentences that fail nothing.
    """

    total: Counts
    key: str = ""
    files: tuple[FileVerdict, ...] = ()
    baseline_total: Counts | None = None
    required: str = ""
    patch: Patch | None = None
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the run must fail."""
        return fails(self.findings)

    @property
    def headline(self) -> str:
        """One line; the total is left to the finding where one is about it."""
        failing = sum(finding.severity in _FAILING for finding in self.findings)
        if failing:
            return f"coverage falls short in {failing:,} {'places' if failing > 1 else 'place'}"
        counts = self.total
        parts = [
            f"coverage {counts.ratio.percent} ({counts.ratio.covered:,} of {counts.total:,} {counts.unit})"
        ]
        if self.baseline_total is not None:
            parts.append(f"baseline {self.baseline_total.ratio.percent}")
        return ", ".join([*parts, self.required] if self.required else parts)

    def lines(self, width: int, rest: str = "in the report") -> list[str]:
        """The verdict in at most `TERMINAL_LINES` lines of ``width`` columns; ``rest`` says where more is."""
        texts = [finding.message for finding in self.findings] + list(self.notes)
        shown = _wrapped(self.headline, width)
        for number, text in enumerate(texts):
            lines = _wrapped(text, width)
            if len(shown) + len(lines) >= TERMINAL_LINES:
                return [*shown, f"and {len(texts) - number:,} more, {rest}"]
            shown += lines
        return shown

    def of(self, *statuses: Status) -> Iterator[FileVerdict]:
        """The files with one of ``statuses``."""
        return (file for file in self.files if file.status in statuses)


def fails(findings: Iterable[Finding]) -> bool:
    """Whether one of ``findings`` is severe enough to fail a run."""
    return any(finding.severity in _FAILING for finding in findings)


def _wrapped(text: str, width: int) -> list[str]:
    """``text`` in up to three lines; its end, which names the code, is kept."""
    lines = textwrap.wrap(text, max(40, width), subsequent_indent="    ", break_on_hyphens=False)
    return lines if len(lines) <= _EACH else [*lines[: _EACH - 1], "    … " + lines[-1].strip()]
