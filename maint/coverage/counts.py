"""What coverage counts in a file or a project, and ratios of it compared in whole numbers."""

from __future__ import annotations

from decimal import Decimal

import msgspec


class Counts(msgspec.Struct, frozen=True, order=True):
    """Statements and branches, those missed, and ``partial``: branches missed from lines that did run.

    Without branch measurement the last three are 0. ``covered`` of ``total`` is the ratio that coverage
    itself prints: statements and branches together.
    """

    statements: int = 0
    missing: int = 0
    branches: int = 0
    missing_branches: int = 0
    partial: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.statements + other.statements,
            self.missing + other.missing,
            self.branches + other.branches,
            self.missing_branches + other.missing_branches,
            self.partial + other.partial,
        )

    @property
    def total(self) -> int:
        """Statements and branches."""
        return self.statements + self.branches

    @property
    def misses(self) -> int:
        """Statements and branches that were missed."""
        return self.missing + self.missing_branches

    @property
    def ratio(self) -> Ratio:
        """The covered share."""
        return Ratio(self.total - self.misses, self.total)

    @property
    def unit(self) -> str:
        """What ``total`` counts, in words."""
        return "statements and branches" if self.branches else "statements"


class Ratio(msgspec.Struct, frozen=True):
    """``covered`` of ``total``; of nothing, all is covered."""

    covered: int
    total: int

    def is_under(self, other: Ratio) -> bool:
        """Whether this share is the smaller one: cross-multiplied, so exact for all whole numbers."""
        mine, other_ = (self if self.total else FULL), (other if other.total else FULL)
        return mine.covered * other_.total < other_.covered * mine.total

    @property
    def percent(self) -> str:
        """Percent with two decimals, truncated: what is under a threshold is never shown as reaching it."""
        if not self.total:
            return "100.00 %"
        hundredths = self.covered * 10_000 // self.total
        return f"{hundredths // 100}.{hundredths % 100:02d} %"


FULL = Ratio(1, 1)


def threshold(percent: Decimal) -> Ratio:
    """A percentage as the exact ratio it stands for: ``89.5`` is 179/200."""
    covered, total = (percent / 100).as_integer_ratio()
    return Ratio(covered, total)


def shortfall(counts: Counts, least: Ratio) -> int:
    """How many more of ``counts`` must be covered to reach ``least``; 0 when it is reached."""
    least = least if least.total else FULL
    needed = -(-least.covered * counts.total // least.total)
    return max(0, needed - counts.ratio.covered)


def has_fallen(now: Counts, ratio: Ratio, misses: int) -> bool:
    """Whether ``now`` is below a floor: a smaller share than ``ratio`` *and* more misses than ``misses``.

    Both, since each alone has an innocent cause: removing covered code lowers the ratio, growth that is well
    tested raises the misses.
    """
    return now.ratio.is_under(ratio) and now.misses > misses
