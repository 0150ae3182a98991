"""Clocks of one timed stretch: wall, CPU, and the time its thread was blocked of its own accord."""

from __future__ import annotations

import os
import time

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_EMPTY_STRETCHES = 101
_WHO = getattr(resource, "RUSAGE_THREAD", getattr(resource, "RUSAGE_SELF", 0))


class Stopwatch:
    """Sums timed stretches of the thread that made it.

    ``wall_ns`` is elapsed time, ``cpu_ns`` the CPU time of the whole process, ``waited_ns`` the time the
    thread was off the CPU of its own accord: sleeping, or waiting for I/O, a lock or a child. It is wall -
    own CPU - time spent runnable in the run queue (``/proc/thread-self/schedstat``, Linux), and zero for a
    stretch without a voluntary context switch: a machine that is merely busy does not look like waiting code.
    """

    __slots__ = (
        "_began",
        "_cpu",
        "_cpu_overhead",
        "_own",
        "_queued",
        "_schedstat",
        "_switches",
        "_wall",
        "cpu_ns",
        "waited_ns",
        "wall_ns",
    )

    # Kept by the class: tests that stop the time replace these functions in modules.
    _wall_clock = staticmethod(time.perf_counter_ns)
    _cpu_clock = staticmethod(time.process_time_ns)
    _own_clock = staticmethod(time.thread_time_ns)

    def __init__(self) -> None:
        try:
            self._schedstat = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        except OSError:  # not Linux, or a kernel without schedstats
            self._schedstat = -1
        self._cpu_overhead = 0
        self._cpu_overhead = self._overhead()
        self.reset()

    def close(self) -> None:
        """Release the descriptor."""
        if self._schedstat >= 0:
            os.close(self._schedstat)
            self._schedstat = -1

    def reset(self) -> None:
        """Begin a new sum."""
        self.wall_ns = self.cpu_ns = self.waited_ns = 0
        self._began = self._wall_clock() - self._queued_ns()

    def elapsed_ns(self) -> int:
        """Time since :meth:`reset`, stretches and what was between them, less the time in the run queue."""
        return self._wall_clock() - self._queued_ns() - self._began

    def start(self) -> None:
        """Begin a stretch; the wall clock is read last so that it covers nothing else."""
        self._switches = self._voluntary_switches()
        self._queued = self._queued_ns()
        self._own = self._own_clock()
        self._cpu = self._cpu_clock()
        self._wall = self._wall_clock()

    def stop(self) -> None:
        """End the stretch and add it to the sums."""
        wall = self._wall_clock() - self._wall
        self.cpu_ns += max(0, self._cpu_clock() - self._cpu - self._cpu_overhead)
        own = self._own_clock() - self._own
        self.wall_ns += wall
        if self._voluntary_switches() != self._switches:
            self.waited_ns += max(0, wall - own - (self._queued_ns() - self._queued))

    def _overhead(self) -> int:
        """What reading the clocks adds to the CPU clock, which encloses the wall clock's readings, in ns.

        Some 700 ns; summed over stretches of a few microseconds it would look like a second thread.
        """
        readings = []
        for _ in range(_EMPTY_STRETCHES):
            self.reset()
            self.start()
            self.stop()
            readings.append(self.cpu_ns - self.wall_ns)
        return max(0, sorted(readings)[_EMPTY_STRETCHES // 2])

    def _queued_ns(self) -> int:
        if self._schedstat < 0:
            return 0
        return int(os.pread(self._schedstat, 96, 0).split()[1])

    @staticmethod
    def _voluntary_switches() -> int:
        return resource.getrusage(_WHO).ru_nvcsw if resource else -1
