"""How often something is done: ``15s``, ``1m``, ``500ms``."""

from __future__ import annotations

import argparse
import re

_UNITS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}
_FORM = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|)")
_LEAST_S, _MOST_S = 0.1, 86_400.0


def interval(raw: str) -> float:
    """Seconds; a bare number is seconds."""
    match = _FORM.fullmatch(raw.strip())
    seconds = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if not _LEAST_S <= seconds <= _MOST_S:
        raise argparse.ArgumentTypeError(f"{raw!r}: give a time from 100ms to 24h, such as 15s or 1m")
    return seconds
