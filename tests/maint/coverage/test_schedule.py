"""A floor that rises by itself."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maint.coverage.schedule import Schedule

MONTHLY = Schedule(
    at=Decimal(40), step=Decimal(5), every="month", start=date(2026, 11, 1), target=Decimal(85), grace_days=14
)
SCHEDULES = st.builds(
    Schedule,
    at=st.integers(0, 50).map(Decimal),
    step=st.decimals(0, 20, places=1),
    every=st.sampled_from(["day", "week", "month", "quarter"]),
    start=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    target=st.integers(50, 100).map(Decimal),
    grace_days=st.integers(0, 60),
)
DAYS = st.dates(date(2019, 1, 1), date(2040, 1, 1))


@pytest.mark.parametrize(
    ("day", "enforced", "due"),
    [
        ("2026-10-31", None, None),
        ("2026-11-01", 40, None),
        ("2026-11-30", 40, None),
        ("2026-12-01", 40, 45),
        ("2026-12-14", 40, 45),
        ("2026-12-15", 45, None),
        ("2027-07-20", 80, None),
        ("2027-08-15", 85, None),
        ("2040-01-01", 85, None),
    ],
)
def test_the_floor_of_a_day(day: str, enforced: int | None, due: int | None) -> None:
    demanded, rising = MONTHLY.enforced(date.fromisoformat(day)), MONTHLY.due(date.fromisoformat(day))
    assert (demanded and demanded.percent) == enforced
    assert (rising and rising.percent) == due


def test_the_last_day_of_grace_still_passes_and_the_next_does_not() -> None:
    step = MONTHLY.due(date(2026, 12, 1))
    assert step is not None
    last = MONTHLY.last_day_of_grace(step)
    assert MONTHLY.enforced(last) != step
    assert MONTHLY.enforced(last + timedelta(days=1)) == step


def test_a_schedule_from_the_31st_rises_on_the_last_day_of_shorter_months() -> None:
    schedule = Schedule(at=Decimal(0), step=Decimal(1), every="month", start=date(2026, 1, 31))
    rises = [
        step.day for day in range(1, 90) if (step := schedule.enforced(date(2026, 1, 31) + timedelta(day)))
    ]
    assert sorted(set(rises)) == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


@given(SCHEDULES, DAYS, DAYS)
def test_a_floor_never_falls_and_never_passes_its_target(schedule: Schedule, one: date, other: date) -> None:
    earlier, later = (schedule.enforced(day) for day in sorted((one, other)))
    if earlier is not None:
        assert later is not None
        assert earlier.percent <= later.percent
    if later is not None:
        assert schedule.at <= later.percent <= schedule.target
        assert later.day <= max(one, other)


@given(SCHEDULES, DAYS)
def test_what_is_due_is_more_than_what_is_enforced_and_becomes_it(schedule: Schedule, day: date) -> None:
    step, demanded = schedule.due(day), schedule.enforced(day)
    if step is not None and demanded is not None:
        assert step.percent > demanded.percent
        after = schedule.enforced(schedule.last_day_of_grace(step) + timedelta(days=1))
        assert after is not None
        assert after.percent >= step.percent
