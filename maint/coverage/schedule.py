"""A minimum that rises by itself, a pure function of the date."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal

import msgspec

_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "quarter": 3}


class Step(msgspec.Struct, frozen=True):
    """``percent`` is due from ``day`` on."""

    day: date
    percent: Decimal


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """``at`` percent from ``start``, ``step`` points more each ``every``, up to ``target``.

    Before ``start`` there is no floor. Months count from the day of ``start``, or the last day of a month
    that lacks it.
    """

    at: Decimal
    step: Decimal
    every: str
    start: date
    target: Decimal = Decimal(100)
    grace_days: int = 0

    def enforced(self, day: date) -> Step | None:
        """The step that must be reached on ``day``: the newest that is older than the grace period.

        The first needs no grace: nothing has risen.
        """
        if day < self.start:
            return None
        graced = max(self.start, day - timedelta(days=self.grace_days))
        return self._newest(graced)

    def due(self, day: date) -> Step | None:
        """The step that ``day`` is in the grace period of, or None."""
        enforced = self.enforced(day)
        if enforced is None:
            return None
        newest = self._newest(day)
        return newest if newest.percent > enforced.percent else None

    def last_day_of_grace(self, step: Step) -> date:
        """The last day on which a total under ``step`` still passes."""
        return step.day + timedelta(days=self.grace_days - 1)

    def _newest(self, day: date) -> Step:
        """The newest step on or before ``day``, which is not before ``start``."""
        number = min(self._periods(day), self._periods_to_target())
        percent = min(self.target, self.at + self.step * number)
        return Step(self._begin(number), percent)

    def _periods(self, day: date) -> int:
        if self.every in _DAYS:
            return (day - self.start).days // _DAYS[self.every]
        months = (day.year - self.start.year) * 12 + day.month - self.start.month
        number = months // _MONTHS[self.every]
        return number if self._begin(number) <= day else number - 1

    def _periods_to_target(self) -> int:
        if not self.step:
            return 0
        whole, rest = divmod(self.target - self.at, self.step)
        return int(whole) + bool(rest)

    def _begin(self, number: int) -> date:
        if self.every in _DAYS:
            return self.start + timedelta(days=number * _DAYS[self.every])
        months = self.start.month - 1 + number * _MONTHS[self.every]
        year, month = self.start.year + months // 12, months % 12 + 1
        return date(year, month, min(self.start.day, monthrange(year, month)[1]))
