"""What workers of xdist send home: properties of a report, which travel with it as plain data."""

from __future__ import annotations

from typing import Any

import pytest


def take(report: pytest.TestReport, name: str) -> list[Any]:
    """Take what was sent under ``name`` off the report, and return it in the order it was put there."""
    found = [value for key, value in report.user_properties if key == name]
    report.user_properties = [pair for pair in report.user_properties if pair[0] != name]
    return found
