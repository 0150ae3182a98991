"""This process's connection to the driver: opened when a test first needs it, kept until the session ends."""

from __future__ import annotations

import os

from maint.gpu.downgrade import Downgrade, mig, no_driver
from maint.gpu.nvml import Device, Nvml, open_nvml
from maint.gpu.visible import VARIABLE, visible


class Driver:
    """The devices in the numbering of CUDA, and what is known of this process on each.

    ``context`` is what the process holds beside its allocators, in bytes by number: the least that was seen
    at the end of a test. ``foreign`` is what nobody in the driver's list held when the process first looked.
    """

    def __init__(self) -> None:
        self._opened: Nvml | Downgrade | None = None
        self._shown: tuple[str | None, dict[int, Device]] | None = None
        self.context: dict[int, int] = {}
        self.foreign: dict[int, int] = {}

    @property
    def nvml(self) -> Nvml | Downgrade:
        """The connection, or why there is none."""
        if self._opened is None:
            self._opened = open_nvml()
        return self._opened

    def missing(self) -> Downgrade | None:
        """Why nothing can be measured with the driver; None where there is a device to measure."""
        nvml = self.nvml
        if isinstance(nvml, Downgrade):
            return nvml
        if nvml.devices:
            return None if self.devices() else no_driver(f"{VARIABLE} leaves no device to this process")
        split = next((note for note in nvml.notes if note.name == "mig"), None)
        if split is not None:
            return mig(split.detail)
        return nvml.notes[0] if nvml.notes else no_driver("the driver knows no GPU")

    def devices(self) -> dict[int, Device]:
        """CUDA's number -> device; empty where there is no driver."""
        nvml = self.nvml
        if isinstance(nvml, Downgrade):
            return {}
        listed = os.environ.get(VARIABLE)
        if self._shown is None or self._shown[0] != listed:
            self._shown = listed, dict(enumerate(visible(nvml.devices, listed)))
        return self._shown[1]

    def meet(self, number: int, unlisted: int) -> None:
        """The first look at a device: what is used there and in no row is others', or the driver's own."""
        nvml, device = self.nvml, self.devices().get(number)
        if number in self.foreign or device is None or isinstance(nvml, Downgrade):
            return
        memory = nvml.memory(device)
        reserved = 0 if isinstance(memory, Downgrade) else memory.reserved or 0
        self.foreign[number] = max(unlisted - reserved, 0)

    def close(self) -> None:
        """Let go of the driver, if it was ever asked."""
        if isinstance(self._opened, Nvml):
            self._opened.close()
        self._opened = self._shown = None
        self.context, self.foreign = {}, {}
