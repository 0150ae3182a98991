"""``[tool.maint.coverage]`` as typed data; names, defaults and help are declared in maint.options."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from maint.config import Config
from maint.coverage.schedule import Schedule


class CoverageSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the user settled for the ratchet, command line included. Percentages are exact decimals."""

    enabled: bool = False
    min: Decimal | None = None
    patch: str | None = None
    patch_min: Decimal = Decimal(85)
    new_file_min: Decimal = Decimal(80)
    floor: Schedule | None = None
    strict_env: bool = False
    baseline: str = ".maint/coverage.txt"
    core: str = "auto"

    @classmethod
    def of(cls, config: Config) -> CoverageSettings:
        """The section of the validated configuration."""
        values = config.section("coverage")
        floor = values.pop("floor")
        if floor is not None:
            floor = Schedule(**{**floor, "start": date.fromisoformat(floor["start"])})
        return cls(floor=floor, **values)
