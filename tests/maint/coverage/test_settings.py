"""``[tool.maint.coverage]``: exact percentages, a schedule, and what is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from maint.cli.config import shown
from maint.config import load
from maint.coverage.schedule import Schedule
from maint.coverage.settings import CoverageSettings
from maint.errors import ConfigError


def settings(root: Path, table: str, **cli: object) -> CoverageSettings:
    (root / "pyproject.toml").write_text(f"[tool.maint.coverage]\n{table}\n", encoding="utf-8")
    return CoverageSettings.of(load(root, {f"coverage.{name}": value for name, value in cli.items()}))


def test_the_defaults_of_the_table_are_those_of_the_struct(tmp_path: Path) -> None:
    assert settings(tmp_path, "") == CoverageSettings()


@pytest.mark.parametrize("written", ["89.1", "'89.1'", "'89.1%'", "' 89.1 % '"])
def test_a_percentage_is_the_number_as_written(tmp_path: Path, written: str) -> None:
    assert settings(tmp_path, f"min = {written}").min == Decimal("89.1")


def test_the_command_line_goes_first(tmp_path: Path) -> None:
    assert settings(tmp_path, "min = 40", min="41").min == 41


@pytest.mark.parametrize("start", ["'2026-11-01'", "2026-11-01"])
def test_a_schedule(tmp_path: Path, start: str) -> None:
    table = f'floor = {{at = 40, step = 2.5, every = "month", start = {start}, target = 85, grace_days = 14}}'
    assert settings(tmp_path, table).floor == Schedule(
        at=Decimal(40),
        step=Decimal("2.5"),
        every="month",
        start=date(2026, 11, 1),
        target=Decimal(85),
        grace_days=14,
    )


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("min = true", "expected a percentage"),
        ("min = 100.1", "must be from 0 to 100"),
        ("min = nan", "must be from 0 to 100"),
        ("min = -1", "must be from 0 to 100"),
        ("floor = 40", "expected a table"),
        ("floor = {at = 40}", "no 'every', no 'start', no 'step'"),
        ('floor = {at = 1, step = 1, every = "year", start = 2026-01-01}', "every: expected"),
        ('floor = {at = 1, step = 1, every = "day", start = "soon"}', "start: expected a date"),
        ('floor = {at = 50, step = 1, every = "day", start = 2026-01-01, target = 40}', "not be under at"),
        ('floor = {at = 50, step = 1, every = "day", start = 2026-01-01, grace_days = -1}', "number of days"),
        ('floor = {at = 1, step = 1, every = "day", start = 2026-01-01, grace = 1}', "unknown 'grace'"),
    ],
)
def test_a_bad_value_is_said(tmp_path: Path, table: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        settings(tmp_path, table)


def test_a_schedule_is_shown_as_toml(tmp_path: Path) -> None:
    written = '{at = 40, step = 5, every = "month", start = "2026-11-01", target = 85, grace_days = 14}'
    (tmp_path / "pyproject.toml").write_text(f"[tool.maint.coverage]\nfloor = {written}\n", encoding="utf-8")
    shown_again = shown(load(tmp_path, {})["coverage.floor"])
    assert (
        settings(tmp_path, f"floor = {shown_again}").floor == settings(tmp_path, f"floor = {written}").floor
    )
