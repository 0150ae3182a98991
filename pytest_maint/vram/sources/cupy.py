"""CuPy's default memory pool: exact through a memory hook, which asks the pool after every allocation."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from typing import Any

from maint.gpu.downgrade import Downgrade, driver_failed

from .source import Reading, Undo


def in_use() -> CupyPool | None:
    """The pool, where CuPy is imported."""
    cupy = sys.modules.get("cupy")
    if cupy is None:
        return None
    try:
        return CupyPool(cupy, cupy.get_default_memory_pool())
    except AttributeError:  # cupy is just being imported
        return None


class CupyPool:
    """The pool keeps no peak, so a hook of ``cupy.cuda.MemoryHook`` follows what this thread allocates."""

    name = "CuPy pool"

    def __init__(self, cupy: Any, pool: Any) -> None:
        self._cupy = cupy
        self._pool = pool
        self._peak: dict[int, int] = {}
        self._total: dict[int, int] = {}
        self._hook: Any = None

    def begin(self) -> None:
        """Follow the pool from here."""
        self._peak, self._total = {}, {}
        if self._hook is None:
            hook = _following(self._cupy.cuda.MemoryHook, self)()
            with contextlib.suppress(KeyError, RuntimeError):  # its name is taken
                hook.__enter__()
                self._hook = hook
        self.note()

    def readings(self) -> Mapping[int, Reading] | Downgrade:
        """Of the current device; an upper bound where the pool came into use unfollowed."""
        try:
            device, held, total = self._device(), self._pool.used_bytes(), self._pool.total_bytes()
        except RuntimeError as error:  # CUDARuntimeError is one
            return driver_failed(f"CuPy cannot say what it holds: {error}")
        if self._hook is None:
            return {device: Reading(total, "at most", held, total)}
        self._peak[device] = max(self._peak.get(device, 0), held)
        # Another thread's allocations go past the hook, and make the pool larger than any that went by it.
        missed = total > self._total.get(device, 0)
        peak = total if missed else self._peak[device]
        reading = {device: Reading(peak, "at most" if missed else "exact", held, total)}
        others = {other: Reading(peak, "exact", 0, 0) for other, peak in self._peak.items()}
        return {**others, **reading}

    def close(self) -> None:
        """Take the hook off."""
        if self._hook is not None:
            with contextlib.suppress(RuntimeError):
                self._hook.__exit__(None, None, None)
            self._hook = None

    def idle(self) -> bool:
        """Many import CuPy and never use it."""
        try:
            return not self._pool.total_bytes() and not any(self._peak.values())
        except RuntimeError:  # CUDARuntimeError is one
            return True

    def release(self) -> None:
        """Give free blocks back to the driver."""
        with contextlib.suppress(RuntimeError):
            self._pool.free_all_blocks()

    def limit(self, size: int, device: int | None) -> Undo | Downgrade:
        """By ``MemoryPool.set_limit``, which counts the cache: that is given back first."""
        self.release()
        before = self._pool.get_limit()
        self._pool.set_limit(size=size)
        return lambda: self._pool.set_limit(size=before)

    def blocks(self, device: int) -> list[str]:
        """The pool keeps no list that it would tell."""
        return []

    def note(self) -> None:
        """The pool may have grown."""
        with contextlib.suppress(RuntimeError):
            device = self._device()
            self._peak[device] = max(self._peak.get(device, 0), self._pool.used_bytes())
            self._total[device] = max(self._total.get(device, 0), self._pool.total_bytes())

    def _device(self) -> int:
        return int(self._cupy.cuda.runtime.getDevice())


def _following(base: type[Any], pool: CupyPool) -> type[Any]:
    """A hook class: ``MemoryHook`` is known only when CuPy is imported."""

    class Following(base):  # type: ignore[misc]
        name = "pytest-maint"

        def malloc_postprocess(self, **_: Any) -> None:
            pool.note()

    return Following
