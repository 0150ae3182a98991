"""Amounts of memory in words: the unit that suits them, and digits enough to tell two of them apart."""

from __future__ import annotations

_UNITS = (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10))


def amount(size: int) -> str:
    """``2.41 GiB``, ``476.84 MiB``, ``512 bytes``."""
    name, factor = unit(size)
    return f"{size} {name}" if factor == 1 else f"{size / factor:.2f} {name}"


def unit(size: int) -> tuple[str, int]:
    """Name and bytes of the largest unit of which ``size`` holds one; ``bytes`` under a KiB."""
    return next((found for found in _UNITS if abs(size) >= found[1]), ("bytes", 1))


def pair(first: int, second: int) -> tuple[str, str]:
    """Two amounts to be set side by side, in the unit of the larger; in bytes where they would look alike."""
    name, factor = unit(max(first, second))
    if factor > 1:
        texts = f"{first / factor:.2f}", f"{second / factor:.2f}"
        if first == second or texts[0] != texts[1]:
            return f"{texts[0]} {name}", f"{texts[1]} {name}"
    return f"{first:,} bytes", f"{second:,} bytes"


def bare(size: int, name: str) -> str:
    """The amount in the unit called ``name``, without saying it: ``0.30``."""
    factor = dict(_UNITS).get(name, 1)
    return f"{size:,}" if factor == 1 else f"{size / factor:.2f}"
