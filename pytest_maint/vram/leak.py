"""What a test left behind on the card: a leak where the allocator and the driver both grew, three times."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import NamedTuple

from maint.gpu.downgrade import Downgrade, not_reported, other_tenants
from maint.gpu.nvml import Nvml
from maint.gpu.sizes import amount
from maint.report.cells import printable

from .driver import Driver
from .sources.source import Allocator

CHECKS = 3
_UNKNOWN = 2**63  # more than any card has, so that the other of the two decides


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


def leak(before: Held, allocators: list[Allocator], driver: Driver, allowed: int) -> Leak | Downgrade | None:
    """The worst leak over ``allowed`` bytes, None where there is none; a Downgrade where only one of the two
    can be asked, and says that there is one.

    The rule is that of torch's own test suite (CudaMemoryLeakCheck): an allocator alone may keep something
    for itself, and a driver's figure moves with every library that is loaded.
    """
    found: Leak | Downgrade | None = None
    for _ in range(CHECKS):
        now = held(allocators, driver)
        told = [_grown(before, now, number) for number in {*now.allocators, *now.driver}]
        over = [one for one in told if min(one.allocator, one.driver) > allowed]
        if not over:
            return None
        whole = [one for one in over if _UNKNOWN not in one]
        found = max(whole, key=lambda one: one.allocator) if whole else _half(over[0])
    return found


def _grown(before: Held, now: Held, number: int) -> Leak:
    """By how much each grew; `_UNKNOWN` where it does not say. An allocator that is used on some device has
    nothing on the others.
    """
    known = number in now.driver and number in before.driver
    return Leak(
        number,
        now.allocators.get(number, 0) - before.allocators.get(number, 0) if now.allocators else _UNKNOWN,
        now.driver[number] - before.driver[number] if known else _UNKNOWN,
    )


def _half(one: Leak) -> Downgrade:
    """Why it is not known whether that is a leak."""
    if one.allocator == _UNKNOWN:
        more = f"{amount(one.driver)} more is used of device {one.device} than before"
        return other_tenants(f"{more}, which only an allocator (torch, RMM, CuPy) tells from others' use")
    more = f"the allocator holds {amount(one.allocator)} more of device {one.device} than before"
    return not_reported(f"{more}, and the driver does not tell whether the card does")


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
