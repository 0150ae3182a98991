"""Clocks of one timed stretch: wall, CPU, and the time its thread was blocked of its own accord."""

from __future__ import annotations

import os
import time

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_WHO = getattr(resource, "RUSAGE_THREAD", getattr(resource, "RUSAGE_SELF", 0))


class Stopwatch:
    """Sums timed stretches of the thread that made it.

    ``wall_ns`` is elapsed time, ``cpu_ns`` the CPU time of the whole process, ``waited_ns`` the time the
    thread was off the CPU of its own accord: sleeping, or waiting for I/O, a lock or a child. It is wall -
    own CPU - time spent runnable in the run queue (``/proc/thread-self/schedstat``, Linux), and zero for a
    stretch without a voluntary context switch: a machine that is merely busy does not look like waiting code.
    """

    __slots__ = (
        "_cpu",
        "_own",
        "_queued",
        "_schedstat",
        "_switches",
        "_wall",
        "cpu_ns",
        "waited_ns",
        "wall_ns",
    )

    def __init__(self) -> None:
        self.wall_ns = self.cpu_ns = self.waited_ns = 0
        try:
            self._schedstat = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        except OSError:  # not Linux, or a kernel without schedstats
            self._schedstat = -1

    def close(self) -> None:
        """Release the descriptor."""
        if self._schedstat >= 0:
            os.close(self._schedstat)
            self._schedstat = -1

    def reset(self) -> None:
        """Begin a new sum."""
        self.wall_ns = self.cpu_ns = self.waited_ns = 0

    def start(self) -> None:
        """Begin a stretch; the wall clock is read last so that it covers nothing else."""
        self._switches = self._voluntary_switches()
        self._queued = self._queued_ns()
        self._own = time.thread_time_ns()
        self._cpu = time.process_time_ns()
        self._wall = time.perf_counter_ns()

    def stop(self) -> None:
        """End the stretch and add it to the sums."""
        wall = time.perf_counter_ns() - self._wall
        self.cpu_ns += time.process_time_ns() - self._cpu
        own = time.thread_time_ns() - self._own
        self.wall_ns += wall
        if self._voluntary_switches() != self._switches:
            self.waited_ns += max(0, wall - own - (self._queued_ns() - self._queued))

    def _queued_ns(self) -> int:
        if self._schedstat < 0:
            return 0
        return int(os.pread(self._schedstat, 96, 0).split()[1])

    @staticmethod
    def _voluntary_switches() -> int:
        return resource.getrusage(_WHO).ru_nvcsw if resource else -1
