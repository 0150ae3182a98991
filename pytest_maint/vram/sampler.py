"""A thread that asks the driver again and again: what it does not see between two samples is not known."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping

from maint.gpu.downgrade import Downgrade
from maint.gpu.nvml import Device, Nvml, Process
from maint.gpu.processes import descends

# With this a core spends under 1 % on it, also where the use of the card never stands still.
INTERVAL_S = 0.020
# Where a sample is dear it is taken less often: after it the thread rests this many times the CPU time that
# the sample and the wake-up for it took.
_REST = 150


class Seen:
    """What all samples of one device say together, in bytes.

    ``own`` is the most that this process and those that it started had in their rows (None until there is
    one); ``children``: there were rows of the latter. ``rest`` is the most, and
    ``rest_first`` what at the start the rows of others did not explain of the device's use; ``others`` is
    what they did explain then. ``drawing``: some of them draw. ``unreported`` is set once the driver answered
    N/A for this process, and ``unlisted`` says why there is no list of processes.
    """

    __slots__ = (
        "children",
        "drawing",
        "family",
        "now",
        "others",
        "others_now",
        "own",
        "rest",
        "rest_first",
        "unlisted",
        "unreported",
    )

    def __init__(self) -> None:
        self.now = -1
        self.children = False
        self.family: dict[int, bool] = {}
        self.drawing = True
        self.own: int | None = None
        self.rest = self.rest_first = 0
        self.others = self.others_now = 0
        self.unreported = False
        self.unlisted: Downgrade | None = None

    def note(self, used: int, rows: tuple[Process, ...] | None) -> None:
        """One sample; ``rows`` is None where the list is that of the sample before."""
        starts, self.now = self.now < 0, used
        if rows is not None:
            mine = [row for row in rows if self._ours(row.pid)]
            self.unreported = self.unreported or any(row.used is None for row in mine)
            held = sum(row.used or 0 for row in mine)
            if mine:
                self.own = max(self.own or 0, held)
            self.others_now = sum(row.used or 0 for row in rows) - held
        if starts:
            self.drawing = any(row.kind == "graphics" for row in rows or ())
            self.others, self.rest_first = self.others_now, used - self.others_now
        self.rest = max(self.rest, used - self.others_now)

    def _ours(self, pid: int) -> bool:
        """Asked of the system once for each process: a row comes back in each sample."""
        if pid not in self.family:
            own = os.getpid()
            self.family[pid] = descends(pid, own)
            self.children = self.children or (self.family[pid] and pid != own)
        return self.family[pid]


class Sampler:
    """Samples the devices given (CUDA's number -> device) until it is stopped or the driver fails.

    The list of processes costs some hundred times what the sum costs, so it is asked for only when the sum
    has changed.
    """

    def __init__(self, nvml: Nvml, devices: Mapping[int, Device], interval: float = INTERVAL_S) -> None:
        self._nvml = nvml
        self._devices = devices
        self._interval = interval
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.reset()

    def reset(self) -> None:
        """Forget all samples, and take the first."""
        with self._lock:
            self.seen = {number: Seen() for number in self._devices}
            self.count = 0
            self.failure: Downgrade | None = None
        self.sample()

    def start(self) -> None:
        """Sample in the background from now on."""
        # A name that tells whoever lists the threads of a hanging test what this one is.
        self._thread = threading.Thread(target=self._run, name="maint-vram-sampler", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take no more samples."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
            self._thread = None

    def sample(self, *, last: bool = False) -> None:
        """One round over the devices; a failure of the driver is kept, and ends the sampling.

        The ``last`` one asks for the processes in any case: two changes may have cancelled each other.
        """
        with self._lock:
            if self.failure is not None:
                return
            for number, device in self._devices.items():
                self.failure = self.failure or self._one(self.seen[number], device, last)
            self.count += 1

    def _one(self, seen: Seen, device: Device, last: bool) -> Downgrade | None:
        memory = self._nvml.used(device)
        if isinstance(memory, Downgrade):
            return memory
        rows = None
        if memory.used != seen.now or last:
            # Few draw on a card that computes; it is one question less for each sample.
            found = self._nvml.processes(device, drawing=last or seen.drawing)
            if isinstance(found, Downgrade) and found.name == "gpu-lost":
                return found
            # Without the list there is still the sum.
            seen.unlisted = found if isinstance(found, Downgrade) else None
            rows = () if isinstance(found, Downgrade) else found
        seen.note(memory.used, rows)
        return None

    def _run(self) -> None:
        pause, used = self._interval, time.thread_time()
        while not self._stopped.wait(pause) and self.failure is None:
            self.sample()
            before, used = used, time.thread_time()
            pause = max(self._interval, (used - before) * _REST)
