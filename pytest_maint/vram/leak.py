"""What a test left behind on the card: a leak where the allocator and the driver both grew, three times."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import NamedTuple

from maint.gpu.downgrade import Downgrade
from maint.gpu.nvml import Nvml
from maint.gpu.sizes import amount
from maint.report.cells import printable

from .driver import Driver
from .sources.source import Allocator

CHECKS = 3


class Held(NamedTuple):
    """Bytes that are held now, by number of the device; ``driver`` lacks those it does not tell of."""

    allocators: Mapping[int, int]
    driver: Mapping[int, int]


class Leak(NamedTuple):
    """What one device keeps more of than before the test, in bytes."""

    device: int
    allocator: int
    driver: int

    def message(self, name: str, allowed: int) -> str:
        """The sentence; ``name`` is the test's."""
        return (
            f"{printable(name)} left {amount(self.allocator)} behind on device {self.device}, "
            f"allowed {amount(allowed)} (driver +{amount(self.driver)}, checked {CHECKS} times); VRAM002"
        )


def held(allocators: list[Allocator], driver: Driver) -> Held:
    """What is held when garbage is collected and caches are given back."""
    gc.collect()
    for source in allocators:
        source.release()
    mine: dict[int, int] = {}
    for source in allocators:
        told = source.readings()
        if not isinstance(told, Downgrade):
            for number, reading in told.items():
                mine[number] = mine.get(number, 0) + reading.held
    return Held(mine, _driver(driver))


def leak(before: Held, allocators: list[Allocator], driver: Driver, allowed: int) -> Leak | None:
    """The worst leak over ``allowed`` bytes; None where there is none, or one of the two does not say so.

    The rule is that of torch's own test suite (CudaMemoryLeakCheck): an allocator alone may keep something
    for itself, and a driver's figure moves with every library that is loaded.
    """
    found: Leak | None = None
    for _ in range(CHECKS):
        now = held(allocators, driver)
        grown = [
            Leak(number, size - before.allocators.get(number, 0), now.driver[number] - before.driver[number])
            for number, size in now.allocators.items()
            if number in now.driver and number in before.driver
        ]
        over = [one for one in grown if one.allocator > allowed and one.driver > allowed]
        if not over:
            return None
        found = max(over, key=lambda one: one.allocator)
    return found


def _driver(driver: Driver) -> dict[int, int]:
    """The use of each whole device: rows of processes are hidden in many places."""
    nvml = driver.nvml
    if not isinstance(nvml, Nvml):
        return {}
    found = {}
    for number, device in driver.devices().items():
        memory = nvml.used(device)
        if not isinstance(memory, Downgrade):
            found[number] = memory.used
    return found
