"""Measures one test from before its set-up to after its tear-down, and shows it to the test meanwhile."""

from __future__ import annotations

import os
from collections.abc import Mapping

import pytest

from maint.gpu.downgrade import Downgrade, driver_failed, hidden_pid, managed_memory, not_reported
from maint.gpu.nvml import Device, Nvml
from maint.gpu.processes import descends

from .driver import Driver
from .request import Request
from .sampler import Sampler, Seen
from .sources import cupy, rmm, torch
from .sources.source import Allocator, Reading
from .verdict import LIBRARIES, Delta, Evidence, Figure, Verdict, judge, worst

_METER = pytest.StashKey["Meter"]()
_DRIVEN = ("nvml", "accounting", "delta")
_ACCOUNTING = (
    "accounting mode is off, or does not know this process; turn it on with nvidia-smi -am 1 as root"
)


class Meter:
    """One test's measurement; `begin` it, ask for a `verdict` as often as needed, `close` it."""

    def __init__(self, request: Request, name: str, driver: Driver) -> None:
        self.request = request
        self._name = name
        self._driver = driver
        self._allocators: list[Allocator] = []
        self._sampler: Sampler | None = None
        self._accounted: dict[int, int] = {}

    def begin(self) -> None:
        """Start anew: what was seen so far is forgotten, what is held counts."""
        for source in self._in_use():
            source.begin()
        if self._sampler is not None:
            self._sampler.reset()
        elif self._needs_driver():
            self._sample()
        self._accounted = self._accounting() if self._sampler is not None else {}

    def verdict(self) -> Verdict:
        """On the device that comes off worst."""
        evidence = self._evidence()
        return worst([judge(self._name, one, self.request.budget) for one in evidence])

    def allocators(self) -> list[Allocator]:
        """Those in use by now."""
        return self._in_use()

    def idle(self) -> bool:
        """Whether no allocator can say what the test uses."""
        return all(one.idle() or isinstance(one.readings(), Downgrade) for one in self._in_use())

    def close(self) -> None:
        """Leave allocators and driver as they were."""
        if self._sampler is not None:
            self._sampler.stop()
        for source in self._allocators:
            source.close()

    def _in_use(self) -> list[Allocator]:
        """Allocators are found again at every turn: most projects import theirs in a fixture or a test."""
        measure = self.request.measure
        known = {source.name for source in self._allocators}
        found: tuple[Allocator | None, ...] = (
            torch.in_use() if measure in ("auto", "torch", *_DRIVEN) else None,
            rmm.in_use(enable=measure == "rmm") if measure in ("auto", "rmm") else None,
            cupy.in_use() if measure in ("auto", "cupy") else None,
        )
        self._allocators += [one for one in found if one is not None and one.name not in known]
        return self._allocators

    def _needs_driver(self) -> bool:
        """Whether the driver has to be asked again and again: an exact source makes that a waste."""
        if self.request.measure == "auto":
            return self.idle()
        return self.request.measure in _DRIVEN

    def _devices(self) -> dict[int, Device]:
        found = self._driver.devices()
        if self.request.device is not None:
            return {number: one for number, one in found.items() if number == self.request.device}
        return found

    def _sample(self) -> None:
        nvml = self._driver.nvml
        devices = self._devices()
        if isinstance(nvml, Nvml) and devices:
            self._sampler = Sampler(nvml, devices)
            for number, seen in self._sampler.seen.items():
                self._driver.meet(number, seen.rest_first - (seen.own or 0))
            self._sampler.start()

    def _accounting(self) -> dict[int, int]:
        """What the driver's accounting says of this process so far; by number of the device."""
        nvml = self._driver.nvml
        found: dict[int, int] = {}
        if not isinstance(nvml, Nvml) or self.request.measure in ("nvml", "delta"):
            return found
        for number, device in self._devices().items():
            peak = nvml.accounted(device, os.getpid()) if nvml.accounts(device) is True else None
            if isinstance(peak, int):
                found[number] = peak
        return found

    def _evidence(self) -> list[Evidence]:
        """Of every device that anybody says something of; never empty."""
        if self._sampler is not None:
            self._sampler.sample(last=True)
        readings, notes = self._readings()
        numbers = sorted({*self._devices(), *(number for _, table in readings for number in table)})
        if self.request.device is not None:
            numbers = [number for number in numbers if number == self.request.device]
        if not numbers:
            return [Evidence(notes=(*notes, self._unmeasured()))]
        return [self._on(number, readings, notes, len(numbers) > 1) for number in numbers]

    def _readings(self) -> tuple[list[tuple[str, Mapping[int, Reading]]], list[Downgrade]]:
        tables: list[tuple[str, Mapping[int, Reading]]] = []
        notes = []
        for source in self._in_use():
            told = source.readings()
            if isinstance(told, Downgrade):
                notes.append(told)
            elif not source.idle() or self.request.measure == "cupy" or self.request.enforce:
                tables.append((source.name, told))
        return tables, notes

    def _on(
        self,
        number: int,
        readings: list[tuple[str, Mapping[int, Reading]]],
        notes: list[Downgrade],
        several: bool,
    ) -> Evidence:
        own = [(name, table[number]) for name, table in readings if number in table]
        reserved = sum(reading.reserved for _, reading in own)
        context, outside, note = self._context(number, reserved) if own else (None, 0, None)
        evidence = Evidence(
            device=str(number) if several or self.request.device is not None else "",
            allocators=tuple(Figure(name, reading.peak, reading.how) for name, reading in own),
            context=context,
            outside=outside,
            notes=(*notes, *((note,) if note is not None else ())),
        )
        if self.request.measure in _DRIVEN:
            evidence = evidence._replace(allocators=(), outside=0)
        evidence = self._driven(number, evidence, bool(reserved))
        if not (evidence.allocators or evidence.process or evidence.accounting or evidence.delta):
            why = self._failure(number) or (None if evidence.notes else self._unmeasured())
            evidence = evidence._replace(notes=(*evidence.notes, *((why,) if why is not None else ())))
        return evidence

    def _context(self, number: int, reserved: int) -> tuple[int | None, int, Downgrade | None]:
        """What the process holds beside its allocators, and how much of that libraries cannot explain."""
        device, nvml = self._devices().get(number), self._driver.nvml
        if isinstance(nvml, Downgrade):
            return None, 0, nvml
        if device is None:
            return None, 0, None
        rows = nvml.processes(device)
        if isinstance(rows, Downgrade):
            return None, 0, rows
        mine = [row for row in rows if row.pid == os.getpid()]
        if any(row.used is None for row in mine):
            return None, 0, not_reported("the driver answers N/A for the memory of this process")
        if not mine:
            return None, 0, (_hidden() if reserved else None)
        held = max(sum(row.used or 0 for row in mine) - reserved, 0)
        context = self._driver.context[number] = min(held, self._driver.context.get(number, held))
        outside = held - context
        started = sum(row.used or 0 for row in rows if row not in mine and descends(row.pid, os.getpid()))
        return context, (outside if outside > LIBRARIES else 0) + started, None

    def _driven(self, number: int, evidence: Evidence, holds: bool) -> Evidence:
        """With what the driver said of the device, where it was asked."""
        sampler = self._sampler
        seen = sampler.seen.get(number) if sampler is not None else None
        if sampler is None or seen is None:
            return evidence
        if sampler.failure is not None:
            return evidence._replace(notes=(*evidence.notes, sampler.failure))
        how = f"sampled {sampler.count} times" + (", child processes included" if seen.children else "")
        # The driver accounts for one process.
        evidence = evidence._replace(accounting=None if seen.children else self._exactly(number))
        if self.request.measure == "accounting":
            note = None if evidence.accounting else not_reported(_ACCOUNTING)
            return evidence._replace(notes=(*evidence.notes, *((note,) if note else ())))
        if self.request.measure == "delta":
            return evidence._replace(delta=_delta(seen, how, self._driver.foreign.get(number, 0)))
        note = _blind(seen, holds)
        if note is None:
            if not evidence.allocators and rmm.managed():
                return evidence._replace(notes=(*evidence.notes, _managed()))
            return evidence._replace(process=Figure("NVML process", seen.own or 0, how))
        notes = evidence.notes if note in evidence.notes else (*evidence.notes, note)
        if evidence.allocators:
            return evidence._replace(notes=notes)
        return evidence._replace(delta=_delta(seen, how, self._driver.foreign.get(number, 0)), notes=notes)

    def _exactly(self, number: int) -> Figure | None:
        """The driver's accounting keeps the peak of the process's life: exact where this test raised it."""
        nvml, device = self._driver.nvml, self._devices().get(number)
        if number not in self._accounted or device is None or isinstance(nvml, Downgrade):
            return None
        peak = nvml.accounted(device, os.getpid())
        if isinstance(peak, Downgrade) or peak == 0:
            return None
        return Figure("NVML accounting", peak, "exact" if peak > self._accounted[number] else "at most")

    def _failure(self, number: int) -> Downgrade | None:
        """What the driver says is wrong with a device of which nobody else could say anything."""
        device, nvml = self._devices().get(number), self._driver.nvml
        if device is None or isinstance(nvml, Downgrade):
            return None
        memory = nvml.used(device)
        return memory if isinstance(memory, Downgrade) else None

    def _unmeasured(self) -> Downgrade:
        """Why nobody said anything."""
        asked = self.request.measure
        if asked not in ("auto", *_DRIVEN):
            return driver_failed(f"measure={asked!r} is asked for, and {asked} was not in use")
        missing = self._driver.missing()
        if missing is not None:
            return missing
        if self.request.device is not None and not self._devices():
            return driver_failed(f"there is no device {self.request.device}")
        return driver_failed("no source said anything")


def _blind(seen: Seen, holds: bool) -> Downgrade | None:
    """Why the driver's figure of this process cannot be had; None where it has it, or it can only be zero."""
    if seen.unlisted is not None:
        return seen.unlisted
    if seen.unreported:
        return not_reported("the driver answers N/A for the memory of this process")
    if seen.own is not None:
        return None
    return _hidden() if holds or seen.rest > seen.rest_first else None


def _hidden() -> Downgrade:
    return hidden_pid("the driver lists no row for this process, which a container numbers otherwise")


def _managed() -> Downgrade:
    return managed_memory("rmm hands out managed memory, of which the driver sees only what is on the card")


def _delta(seen: Seen, how: str, foreign: int) -> Delta:
    """The growth of the whole device, less what the rows of others explain."""
    growth = max(seen.rest - seen.rest_first, 0)
    return Delta(growth, 0 if foreign else growth, None if foreign else growth, seen.others + foreign, how)


class Vram:
    """The fixture ``vram``: what the test used so far."""

    def __init__(self, meter: Meter | None) -> None:
        self._meter = meter

    @property
    def peak(self) -> int:
        """The most that the test held since its set-up began or `reset`, in bytes; without the context of
        the process where that is known. 0 where nothing could be measured: `source` is empty then.
        """
        return (self._meter.verdict().peak or 0) if self._meter is not None else 0

    @property
    def source(self) -> str:
        """Whose figure `peak` is: ``torch allocator``, ``NVML process``; empty where nobody could say."""
        return self._meter.verdict().source if self._meter is not None else ""

    @property
    def budget(self) -> int | None:
        """What the test may hold, in bytes; None where nothing is said."""
        return self._meter.request.budget if self._meter is not None else None

    def reset(self) -> None:
        """Forget the peak so far, for instance that of a warm-up."""
        if self._meter is not None:
            self._meter.begin()


def attach(item: pytest.Item, meter: Meter) -> None:
    """Make ``meter`` the one of this run of the test."""
    item.stash[_METER] = meter


def meter_of(item: pytest.Item) -> Meter | None:
    """The meter of this run of the test; None where nothing is measured."""
    return item.stash.get(_METER, None)


def detach(item: pytest.Item) -> Meter | None:
    """The same, taken off the test."""
    meter = item.stash.get(_METER, None)
    if meter is not None:
        del item.stash[_METER]
    return meter


def of_test(request: pytest.FixtureRequest) -> Vram:
    """What the fixture hands out."""
    return Vram(meter_of(request.node))
