"""How quantities read: durations with three digits, changes in percent with their sign."""

from __future__ import annotations

import math

_UNITS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6))
NONE = "-"


def duration(seconds: float | None) -> str:
    """Return ``seconds`` with three significant digits in its natural unit: ``11.9 ms``, ``840 ns``."""
    if seconds is None or not math.isfinite(seconds):
        return NONE
    for unit, scale in _UNITS:
        if abs(seconds) >= 0.9995 * scale:
            return f"{_three_digits(seconds / scale)} {unit}"
    return f"{_three_digits(seconds * 1e9)} ns"


def percent(value: float | None, decimals: int = 0) -> str:
    """Return a change in percent, sign always shown: ``+31 %``, ``-0 %``."""
    if value is None or not math.isfinite(value):
        return NONE
    return f"{value:+.{decimals}f} %"


def signed(value: float, decimals: int = 0) -> str:
    """Return a bare number with its sign, for the ends of an interval: ``+28``."""
    return f"{value:+.{decimals}f}" if math.isfinite(value) else NONE


def elapsed(seconds: float) -> str:
    """Return a waiting time as a person says it: ``0.4 s``, ``24 s``, ``3 min 20 s``, ``1 h 05 min``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 120:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def _three_digits(value: float) -> str:
    size = abs(value)
    decimals = 2 if size < 9.995 else 1 if size < 99.95 else 0
    return f"{value:.{decimals}f}"
