"""The one reader of NVML: devices, memory, processes and utilisation; a failure is a named `Downgrade`."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any, NamedTuple, TypeVar

from maint.errors import MaintError
from maint.extras import require

from .downgrade import (
    Downgrade,
    driver_failed,
    driver_mismatch,
    function_missing,
    gpu_lost,
    mig,
    no_driver,
    no_permission,
    not_reported,
)

T = TypeVar("T")
_NOT_AVAILABLE = 2**64 - 1


class Device(NamedTuple):
    """A card, or one MIG instance of it. ``index`` counts cards in the driver's order (PCI).

    ``instance`` is the index of the MIG instance and -1 for a whole card; ``handle`` is the driver's own.
    """

    index: int  # type: ignore[assignment]  # a name that tuples have, too
    uuid: str
    name: str
    handle: Any
    instance: int = -1

    @property
    def label(self) -> str:
        """``0``, or ``0:2`` for the third MIG instance of the first card."""
        return f"{self.index}" if self.instance < 0 else f"{self.index}:{self.instance}"


class Memory(NamedTuple):
    """Bytes of one device. ``reserved`` is what the driver keeps for itself; None where it does not say,
    and then it is part of ``used``.
    """

    total: int
    used: int
    free: int
    reserved: int | None


class Process(NamedTuple):
    """A row of the driver's list; ``used`` in bytes, None where the driver says N/A."""

    pid: int
    used: int | None
    kind: str


class Utilisation(NamedTuple):
    """Percent of the last sample period in which kernels ran, and in which memory was read or written."""

    gpu: int
    memory: int


class Nvml:
    """An open connection to the driver. Made by `open_nvml`; `close` it, or use it as a context manager."""

    def __init__(self, library: Any, driver: str) -> None:
        self._library = library
        self.driver = driver
        self.notes: list[Downgrade] = []
        self.devices: tuple[Device, ...] = tuple(self._found())

    def __enter__(self) -> Nvml:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the driver; a driver that is gone by then is not worth a word."""
        with contextlib.suppress(self._library.NVMLError):
            self._library.nvmlShutdown()

    def memory(self, device: Device) -> Memory | Downgrade:
        """Of a whole device: v2 of the call tells the driver's own share apart, older drivers do not."""
        library = self._library
        found = self._asked(library.nvmlDeviceGetMemoryInfo, device.handle, library.nvmlMemory_v2)
        if isinstance(found, Downgrade) and found.name in ("function-missing", "not-reported"):
            return self.used(device)
        if isinstance(found, Downgrade):
            return found
        reserved = None if found.reserved == _NOT_AVAILABLE else found.reserved
        return _known(Memory(found.total, found.used, found.free, reserved))

    def used(self, device: Device) -> Memory | Downgrade:
        """The cheapest question there is (version 1 of the call), for a sampler; ``reserved`` is None."""
        found = self._asked(self._library.nvmlDeviceGetMemoryInfo, device.handle)
        if isinstance(found, Downgrade):
            return found
        return _known(Memory(found.total, found.used, found.free, None))

    def processes(self, device: Device, *, drawing: bool = True) -> tuple[Process, ...] | Downgrade:
        """Every process with memory on the device, once each, as the driver numbers them.

        A process that computes and draws is in two of the driver's lists with the same figure; without
        ``drawing`` the list of those that draw is not asked for.
        """
        library = self._library
        rows: dict[int, Process] = {}
        for kind, call in (
            ("compute", library.nvmlDeviceGetComputeRunningProcesses),
            ("graphics", library.nvmlDeviceGetGraphicsRunningProcesses),
        ):
            if kind == "graphics" and not drawing:
                continue
            found = self._asked(call, device.handle)
            if isinstance(found, Downgrade):
                if kind == "compute":
                    return found
                continue
            for row in found:
                used = row.usedGpuMemory
                rows.setdefault(row.pid, Process(row.pid, used, kind))
        return tuple(rows.values())

    def utilisation(self, device: Device) -> Utilisation | Downgrade:
        """Of the last period that the driver sampled, which is between 1/6 s and 1 s."""
        found = self._asked(self._library.nvmlDeviceGetUtilizationRates, device.handle)
        return found if isinstance(found, Downgrade) else Utilisation(found.gpu, found.memory)

    def accounts(self, device: Device) -> bool | Downgrade:
        """Whether accounting mode is on, in which the driver keeps the peak of every process."""
        found = self._asked(self._library.nvmlDeviceGetAccountingMode, device.handle)
        return found if isinstance(found, Downgrade) else bool(found)

    def accounted(self, device: Device, pid: int) -> int | Downgrade:
        """The most that process ``pid`` has held since it started, in bytes; 0 when it never held any."""
        library = self._library
        try:
            found = library.nvmlDeviceGetAccountingStats(device.handle, pid).maxMemoryUsage
        except library.NVMLError_NotFound:
            return 0
        except (library.NVMLError, library.NVMLLibraryMismatchError) as error:
            return _named(library, error)
        if found is None or found == _NOT_AVAILABLE:
            return not_reported("the driver answers N/A for the memory that a process used")
        return int(found)

    def _found(self) -> list[Device]:
        count = self._asked(self._library.nvmlDeviceGetCount)
        if isinstance(count, Downgrade):
            self.notes.append(count)
            return []
        devices: list[Device] = []
        for index in range(count):
            devices += self._card(index)
        return devices

    def _card(self, index: int) -> list[Device]:
        """The card, or its MIG instances where it is split; none, with a note, where it cannot be asked."""
        library = self._library
        handle = self._asked(library.nvmlDeviceGetHandleByIndex, index)
        if isinstance(handle, Downgrade):
            self.notes.append(handle._replace(detail=f"device {index}: {handle.detail}"))
            return []
        mode = self._asked(library.nvmlDeviceGetMigMode, handle)
        if isinstance(mode, Downgrade) or mode[0] != library.NVML_DEVICE_MIG_ENABLE:
            return [self._device(index, handle, -1)]
        found = list(self._instances(index, handle))
        said = f"device {index} is split into MIG instances"
        self.notes.append(
            mig(
                f"{said}; each of the {len(found)} is measured by itself"
                if found
                else f"{said}, none visible"
            )
        )
        return found

    def _instances(self, index: int, handle: Any) -> list[Device]:
        library = self._library
        most = self._asked(library.nvmlDeviceGetMaxMigDeviceCount, handle)
        found = []
        for instance in range(0 if isinstance(most, Downgrade) else most):
            part = self._asked(library.nvmlDeviceGetMigDeviceHandleByIndex, handle, instance)
            if not isinstance(part, Downgrade):
                found.append(self._device(index, part, instance))
        return found

    def _device(self, index: int, handle: Any, instance: int) -> Device:
        library = self._library
        name = self._asked(library.nvmlDeviceGetName, handle)
        uuid = self._asked(library.nvmlDeviceGetUUID, handle)
        return Device(
            index,
            "" if isinstance(uuid, Downgrade) else uuid,
            "" if isinstance(name, Downgrade) else name,
            handle,
            instance,
        )

    def _asked(self, question: Callable[..., T], *arguments: Any) -> T | Downgrade:
        try:
            return question(*arguments)
        except (self._library.NVMLError, self._library.NVMLLibraryMismatchError) as error:
            return _named(self._library, error)


def open_nvml() -> Nvml | Downgrade:
    """A connection to the driver of this machine, or why there is none."""
    library = bindings()
    if isinstance(library, Downgrade):
        return library
    try:
        library.nvmlInit()
    except (library.NVMLError, library.NVMLLibraryMismatchError) as error:
        return _named(library, error)
    try:
        driver = str(library.nvmlSystemGetDriverVersion())
    except (library.NVMLError, library.NVMLLibraryMismatchError):
        driver = ""
    return Nvml(library, driver)


def bindings() -> Any | Downgrade:
    """The module ``pynvml`` of nvidia-ml-py, imported now; not the package of that name."""
    # The package "pynvml" hooks the import of the module to raise a FutureWarning.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            library = require("gpu")
        except MaintError as error:
            return no_driver(impostor() or str(error))
    if not hasattr(library, "nvmlInitWithFlags"):
        return no_driver(impostor() or "the module pynvml that is imported is not that of nvidia-ml-py")
    return library


def impostor() -> str:
    """What is wrong with the installed package ``pynvml``, and the remedy; empty where it is not installed.

    From 12.0 on it holds no bindings of its own, and makes ``import pynvml`` raise a warning.
    """
    try:
        version = distribution("pynvml").version
    except PackageNotFoundError:
        return ""
    remedy = "run: pip uninstall pynvml && pip install nvidia-ml-py"
    return f"the package pynvml {version} is installed, which is not the driver's bindings; {remedy}"


def _known(memory: Memory) -> Memory | Downgrade:
    if _NOT_AVAILABLE in (memory.total, memory.used):
        return not_reported("the driver answers N/A for the memory of the device")
    return memory


def _named(library: Any, error: Exception) -> Downgrade:
    """What an error of the bindings means to who wanted a figure."""
    if isinstance(error, library.NVMLLibraryMismatchError):
        return function_missing("the driver is older than nvidia-ml-py; update it")
    code = getattr(error, "value", 0)
    said = str(error).rstrip(".").lower()
    if code in (library.NVML_ERROR_LIBRARY_NOT_FOUND, library.NVML_ERROR_DRIVER_NOT_LOADED):
        return no_driver("there is no NVIDIA driver on this machine")
    if code == library.NVML_ERROR_LIB_RM_VERSION_MISMATCH:
        return driver_mismatch(
            "the driver's library and kernel module differ in version; reboot, or reload it"
        )
    if code in (library.NVML_ERROR_GPU_IS_LOST, library.NVML_ERROR_RESET_REQUIRED):
        return gpu_lost(f"the driver says: {said}; reset the card or reboot")
    if code == library.NVML_ERROR_NO_PERMISSION:
        return no_permission("the driver refuses to tell this user")
    if code == library.NVML_ERROR_NOT_SUPPORTED:
        return not_reported("the driver does not support the question on this device")
    if code == library.NVML_ERROR_FUNCTION_NOT_FOUND:
        return function_missing("the driver is too old to be asked; update it")
    return driver_failed(f"the driver failed: {said}")
