"""``torch._C``: the functions of the extension that ``torch.cuda`` calls by their name there."""

from __future__ import annotations


def _cuda_resetPeakMemoryStats(device: int) -> None:
    from .cuda import _statistics

    found = _statistics(device)
    found.peak, found.reserved_peak = found.allocated, found.reserved
