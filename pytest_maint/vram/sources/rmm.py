"""RAPIDS Memory Manager: exact, where its statistics are on."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Mapping
from typing import Any

from maint.gpu.downgrade import Downgrade, driver_failed

from .source import Reading, Undo


def in_use(*, enable: bool = False) -> RmmAllocator | None:
    """The allocator, where rmm is imported and keeps statistics; ``enable`` turns these on."""
    rmm = sys.modules.get("rmm")
    if rmm is None:
        return None
    try:
        statistics = importlib.import_module("rmm.statistics")
    except ImportError:  # before 24.06
        return None
    if statistics.get_statistics() is None:
        if not enable:
            return None
        statistics.enable_statistics()
    return RmmAllocator(rmm, statistics)


class RmmAllocator:
    """A level of counters of its own on ``rmm.statistics``: others' levels are left as they are."""

    name = "RMM"

    def __init__(self, rmm: Any, statistics: Any) -> None:
        self._mr = rmm.mr
        self._statistics = statistics
        self._before = 0
        self._pushed = False

    def begin(self) -> None:
        """Count from here; what is held already counts towards the peak."""
        self.close()
        told = self._statistics.push_statistics()
        self._pushed = told is not None
        self._before = told.current_bytes if told is not None else 0

    def readings(self) -> Mapping[int, Reading] | Downgrade:
        """Of the current device, whose resource is counted."""
        told = self._statistics.get_statistics()
        if told is None:
            return driver_failed("the statistics of rmm were turned off during the test")
        held = self._before + told.current_bytes
        return {self._device(): Reading(self._before + max(told.peak_bytes, 0), "exact", held, held)}

    def close(self) -> None:
        """Take the level of counters off; its sums go to the level below."""
        if self._pushed:
            self._statistics.pop_statistics()
            self._pushed = False

    def idle(self) -> bool:
        """It was turned on to be used."""
        return False

    def release(self) -> None:
        """rmm gives no cache back: a pool keeps what it has."""

    def limit(self, size: int, device: int | None) -> Undo | Downgrade:
        """By a ``LimitingResourceAdaptor`` for what is left of ``size``, with counters of its own on top:
        ``rmm.statistics`` looks at the outermost resource only.
        """
        mr = self._mr
        before = mr.get_current_device_resource()
        told = self._statistics.get_statistics()
        held = self._before + (told.current_bytes if told is not None else 0)
        limited = mr.StatisticsResourceAdaptor(mr.LimitingResourceAdaptor(before, max(size - held, 0)))
        mr.set_current_device_resource(limited)
        outer, self._before = self._before, held

        def undo() -> None:
            self._before = outer
            mr.set_current_device_resource(before)

        return undo

    def blocks(self, device: int) -> list[str]:
        """rmm keeps no list of blocks, only sums by label."""
        return []

    def _device(self) -> int:
        with contextlib.suppress(ImportError, AttributeError):
            return int(importlib.import_module("rmm._cuda.gpu").getDevice())
        return 0


def managed() -> bool:
    """Whether rmm hands out managed memory now, however its resource is wrapped; False without rmm."""
    rmm = sys.modules.get("rmm")
    try:
        resource = rmm.mr.get_current_device_resource() if rmm is not None else None
        while resource is not None:
            if isinstance(resource, rmm.mr.ManagedMemoryResource):  # type: ignore[union-attr]
                return True
            resource = getattr(resource, "upstream_mr", None)
    except AttributeError:  # rmm is just being imported
        pass
    return False
