"""A driver where there is no GPU: the real nvidia-ml-py asks a library whose answers are a mapped file.

Tests and the processes that they start attach to the same file, so what one of them scripts all of them see
at once. Needs the system's C compiler.
"""

from __future__ import annotations

import ctypes
import fcntl
import mmap
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

VARIABLE = "FAKE_NVML"
SONAME = "libnvidia-ml.so.1"
KiB, MiB, GiB = 2**10, 2**20, 2**30
DEVICES, ROWS = 24, 32

FUNCTIONS = (
    "nvmlInitWithFlags",
    "nvmlDeviceGetCount",
    "nvmlDeviceGetHandleByIndex",
    "nvmlDeviceGetName",
    "nvmlDeviceGetUUID",
    "nvmlDeviceGetMemoryInfo",
    "nvmlDeviceGetMemoryInfo_v2",
    "nvmlDeviceGetComputeRunningProcesses",
    "nvmlDeviceGetGraphicsRunningProcesses",
    "nvmlDeviceGetUtilizationRates",
    "nvmlDeviceGetAccountingMode",
    "nvmlDeviceGetAccountingStats",
    "nvmlDeviceGetMigMode",
    "nvmlDeviceGetMaxMigDeviceCount",
    "nvmlDeviceGetMigDeviceHandleByIndex",
    "nvmlSystemGetDriverVersion",
)
SUCCESS, NOT_SUPPORTED, NO_PERMISSION, DRIVER_NOT_LOADED = 0, 3, 4, 9
FUNCTION_NOT_FOUND, GPU_IS_LOST, RESET_REQUIRED, MISMATCH, UNKNOWN = 13, 15, 16, 18, 999
_ERRORS = ctypes.c_int32 * 24


class _Row(ctypes.Structure):
    _fields_ = (
        ("pid", ctypes.c_uint32),
        ("graphics", ctypes.c_uint32),
        ("used", ctypes.c_uint64),
        ("peak", ctypes.c_uint64),
    )


class _Device(ctypes.Structure):
    _fields_ = (
        ("uuid", ctypes.c_char * 96),
        ("name", ctypes.c_char * 96),
        ("total", ctypes.c_uint64),
        ("reserved", ctypes.c_uint64),
        ("tenants", ctypes.c_uint64),
        ("parent", ctypes.c_uint32),
        ("mig", ctypes.c_uint32),
        ("hidden", ctypes.c_uint32),
        ("shifted", ctypes.c_uint32),
        ("not_available", ctypes.c_uint32),
        ("accounting", ctypes.c_uint32),
        ("gpu", ctypes.c_uint32),
        ("memory", ctypes.c_uint32),
        ("rows", ctypes.c_uint32),
        ("errors", _ERRORS),
        ("row", _Row * ROWS),
    )


class _State(ctypes.Structure):
    _fields_ = (
        ("devices", ctypes.c_uint32),
        ("errors", _ERRORS),
        ("calls", ctypes.c_uint64 * 24),
        ("driver", ctypes.c_char * 80),
        ("device", _Device * DEVICES),
    )


class Gpu(NamedTuple):
    """A card as a test wants it; ``mig``: sizes of its MIG instances, ``reserved``: the driver's share."""

    total: int = 24 * GiB
    name: str = "Fake GPU"
    uuid: str = ""
    reserved: int = 0
    mig: tuple[int, ...] = ()


class FakeDevice:
    """One device, live: what is set here is what every process is told from now on."""

    def __init__(self, driver: FakeDriver, state: _Device) -> None:
        self._driver = driver
        self.state = state

    @property
    def uuid(self) -> str:
        """As the driver tells it."""
        return bytes(self.state.uuid).decode()

    def set(self, **values: int) -> None:
        """``tenants`` (bytes of others that have no row), ``hidden``, ``shifted`` (added to every pid),
        ``not_available``, ``accounting``, ``gpu``, ``memory``, ``reserved``, ``total``, ``mig``.
        """
        for name, value in values.items():
            setattr(self.state, name, value)

    def hold(self, used: int, *, pid: int | None = None, graphics: bool = False) -> None:
        """Process ``pid`` (this one) holds ``used`` bytes from now on."""
        with self._driver.locked():
            row = self._row(os.getpid() if pid is None else pid)
            row.used, row.graphics = used, graphics
            row.peak = max(row.peak, used)

    def held(self, *, pid: int | None = None) -> int:
        """What process ``pid`` (this one) holds now, in bytes."""
        with self._driver.locked():
            return int(self._row(os.getpid() if pid is None else pid).used)

    def add(self, more: int, *, pid: int | None = None) -> None:
        """Process ``pid`` (this one) holds ``more`` bytes more, or less."""
        self.hold(self.held(pid=pid) + more, pid=pid)

    def fail(self, function: str, code: int) -> None:
        """``function`` answers ``code`` for this device from now on; 0 cures it."""
        self.state.errors[FUNCTIONS.index(function)] = code

    @property
    def free(self) -> int:
        """Bytes that nobody holds."""
        rows = sum(self.state.row[index].used for index in range(self.state.rows))
        return int(self.state.total - self.state.reserved - self.state.tenants - rows)

    @property
    def lost(self) -> bool:
        """Whether `lose` was called."""
        return bool(self.state.errors[0] == GPU_IS_LOST)

    def lose(self) -> None:
        """The card falls off the bus: everything that is asked of it fails."""
        for index in range(len(FUNCTIONS)):
            self.state.errors[index] = GPU_IS_LOST

    def _row(self, pid: int) -> _Row:
        rows = self.state.row
        for index in range(self.state.rows):
            if rows[index].pid == pid:
                return rows[index]
        fresh = rows[self.state.rows]
        fresh.pid, fresh.used, fresh.peak, fresh.graphics = pid, 0, 0, 0
        self.state.rows += 1
        return fresh


class FakeDriver:
    """The mapped state. ``driver[0]`` is the first device; MIG instances come right after their card."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), ctypes.sizeof(_State))
        self._state = _State.from_buffer(self._map)

    def __getitem__(self, index: int) -> FakeDevice:
        return FakeDevice(self, self._state.device[index])

    def devices(self) -> list[FakeDevice]:
        """All of them, MIG instances included."""
        return [self[index] for index in range(self._state.devices)]

    def sampled(self, rounds: int = 2) -> None:
        """Come back when a sampler has looked at least ``rounds`` times from now on."""
        wanted = self.calls("nvmlDeviceGetMemoryInfo") + rounds
        deadline, pause = time.monotonic() + 30, threading.Event()
        while self.calls("nvmlDeviceGetMemoryInfo") < wanted:
            if time.monotonic() > deadline:
                raise AssertionError("nobody samples the driver")
            pause.wait(0.001)

    @classmethod
    def here(cls) -> FakeDriver:
        """The driver of this process, as the test that started it set it up."""
        return cls(Path(os.environ[VARIABLE]))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone among all processes that script this driver."""
        with self.path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def fail(self, function: str, code: int) -> None:
        """``function`` answers ``code`` from now on, whatever it is asked about; 0 cures it."""
        self._state.errors[FUNCTIONS.index(function)] = code

    def calls(self, function: str) -> int:
        """How often ``function`` was called, by all processes together."""
        return int(self._state.calls[FUNCTIONS.index(function)])

    def setup(self, devices: Iterable[Gpu], driver: str = "570.86.10") -> None:
        """Start anew with these cards and no process on them."""
        ctypes.memset(ctypes.addressof(self._state), 0, ctypes.sizeof(_State))
        self._state.driver = driver.encode()
        for card, gpu in enumerate(devices):
            parent = self._put(gpu, gpu.uuid or f"GPU-{card:08x}-0000-0000-0000-000000000000", 0)
            parent.mig = bool(gpu.mig)
            above = self._state.devices
            for part, total in enumerate(gpu.mig):
                uuid = f"MIG-{card:04x}{part:04x}-0000-0000-0000-000000000000"
                self._put(gpu._replace(total=total, reserved=0), uuid, above)

    def _put(self, gpu: Gpu, uuid: str, parent: int) -> _Device:
        state = self._state.device[self._state.devices]
        state.uuid, state.name = uuid.encode(), gpu.name.encode()
        state.total, state.reserved, state.parent = gpu.total, gpu.reserved, parent
        self._state.devices += 1
        return state


def build(folder: Path, *without: str) -> Path:
    """Compile the library into ``folder``, ``without`` the functions named; FileNotFoundError: no compiler.

    Parts that can be left out: ``MEMORY_V2`` and ``PROCESSES``.
    """
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise FileNotFoundError("no C compiler (cc, gcc or clang) to build the fake driver with")
    library = folder / SONAME
    left_out = [f"-DWITHOUT_{part}" for part in without]
    source = Path(__file__).with_suffix(".c")
    options = ["-shared", "-fPIC", "-O1", f"-Wl,-soname,{SONAME}", *left_out, "-o", str(library)]
    subprocess.run([compiler, *options, str(source)], check=True, capture_output=True)
    return library


def create(path: Path, devices: Iterable[Gpu]) -> FakeDriver:
    """A file of state with these cards."""
    path.write_bytes(b"\0" * ctypes.sizeof(_State))
    driver = FakeDriver(path)
    driver.setup(devices)
    return driver


def attach(library: Path, path: Path) -> None:
    """Load the library into this process, before anything asks for its soname, and give it its state."""
    loaded = ctypes.CDLL(str(library))
    loaded.fake_nvml_size.restype = ctypes.c_uint64
    if loaded.fake_nvml_size() != ctypes.sizeof(_State):
        raise AssertionError("fake_nvml.c and fake_nvml.py disagree about the state")
    if not loaded.fake_nvml_attach(str(path).encode()):
        raise OSError(f"{path}: cannot be mapped")


def detach(library: Path) -> None:
    """From now on this process has no driver, unless the environment names one."""
    ctypes.CDLL(str(library)).fake_nvml_detach()
