"""The time that passes outside of the tests, which may stop Python's clocks for their own ends."""

from __future__ import annotations

import time

# Kept in a tuple: freezegun replaces the functions that a module has a name for.
_REAL = (time.monotonic, time.sleep)


def monotonic() -> float:
    """As ``time.monotonic``, also where a test has that replaced."""
    return _REAL[0]()


def sleep(seconds: float) -> None:
    """As ``time.sleep``, likewise."""
    _REAL[1](seconds)
