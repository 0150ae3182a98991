"""The state of every card at one moment, as plain data, and why some of it is missing."""

from __future__ import annotations

import msgspec

from maint.gpu.downgrade import Downgrade
from maint.gpu.nvml import Device, Memory, Nvml, open_nvml


class ProcessUse(msgspec.Struct, frozen=True):
    """Bytes of a card that process ``pid`` (as the driver numbers it) holds; None where it does not say."""

    pid: int
    used: int | None


class CardReading(msgspec.Struct, frozen=True, kw_only=True):
    """One card or MIG instance; memory in bytes, ``busy`` is the share of time in which kernels ran.

    ``reserved`` is what the driver keeps for itself. None where the driver does not say.
    """

    uuid: str
    label: str
    name: str
    total: int
    used: int
    reserved: int | None = None
    busy: float | None = None
    processes: tuple[ProcessUse, ...] = ()

    @property
    def share(self) -> float:
        """How full the card is."""
        return share(self)


def share(memory: Memory | CardReading) -> float:
    """How full a card is, as DCGM counts it: 1 when all but what the driver keeps is taken."""
    usable = memory.total - (memory.reserved or 0)
    return memory.used / usable if usable > 0 else 0.0


class Reading(msgspec.Struct, frozen=True):
    """All cards, in the driver's order; ``problems`` are sentences about what could not be had."""

    cards: tuple[CardReading, ...] = ()
    problems: tuple[str, ...] = ()


def read_now() -> Reading:
    """Ask the driver once, and let go of it; a driver that fails is a problem, not an exception."""
    nvml = open_nvml()
    if isinstance(nvml, Downgrade):
        return Reading(problems=(_sentence("GPU", nvml),))
    with nvml:
        return read_cards(nvml)


def read_cards(nvml: Nvml) -> Reading:
    """Ask the driver about every card."""
    cards: list[CardReading] = []
    problems = [_sentence("GPU", note) for note in nvml.notes if note.name != "mig"]
    for device in nvml.devices:
        found = read_card(nvml, device)
        if isinstance(found, Downgrade):
            problems.append(_sentence(f"GPU {device.label}", found))
        else:
            cards.append(found)
    return Reading(tuple(cards), tuple(problems))


def read_card(nvml: Nvml, device: Device, *, with_processes: bool = True) -> CardReading | Downgrade:
    """Ask about one; what only some drivers tell is left out where they do not."""
    memory = nvml.memory(device)
    if isinstance(memory, Downgrade):
        return memory
    busy = nvml.utilisation(device)
    processes = nvml.processes(device) if with_processes else ()
    return CardReading(
        uuid=device.uuid,
        label=device.label,
        name=device.name,
        total=memory.total,
        used=memory.used,
        reserved=memory.reserved,
        busy=None if isinstance(busy, Downgrade) else busy.gpu / 100,
        processes=()
        if isinstance(processes, Downgrade)
        else tuple(ProcessUse(one.pid, one.used) for one in processes),
    )


def _sentence(subject: str, downgrade: Downgrade) -> str:
    return f"{subject}: {downgrade.detail}; {downgrade.code}"
