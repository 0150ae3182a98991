"""``cupy.cuda``: the pool, and the hooks that follow its allocations in one thread."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import fake_cuda

UNIT = 512
_hooks = threading.local()
runtime = SimpleNamespace(getDevice=lambda: 0)


class OutOfMemoryError(MemoryError):
    """``cupy.cuda.memory.OutOfMemoryError``."""


class MemoryHook:
    """Registered by ``with``, under its name, for this thread."""

    name = "MemoryHook"

    def __enter__(self) -> MemoryHook:
        hooks = _hooks.__dict__.setdefault("all", {})
        if self.name in hooks:
            raise KeyError(f"memory hook {self.name} already exists")
        hooks[self.name] = self
        return self

    def __exit__(self, *_: object) -> None:
        del _hooks.all[self.name]

    def malloc_postprocess(self, **kwargs: Any) -> None:
        """After the pool has handed out memory."""


class MemoryPointer:
    def __init__(self, pool: MemoryPool, size: int) -> None:
        self._pool, self._size = pool, size

    def give_back(self) -> None:
        self._pool._used -= self._size
        self._pool._free += self._size


class MemoryPool:
    def __init__(self) -> None:
        self._used = self._free = self._limit = 0

    def malloc(self, size: int) -> MemoryPointer:
        size = -(-size // UNIT) * UNIT
        if self._free >= size:
            self._free -= size
        elif (self._limit and self.total_bytes() + size > self._limit) or not fake_cuda.malloc(0, size):
            raise OutOfMemoryError(f"Out of memory allocating {size} bytes")
        self._used += size
        for hook in list(getattr(_hooks, "all", {}).values()):
            hook.malloc_postprocess(device_id=0, size=size, mem_size=size, mem_ptr=1, pmem_id=1)
        return MemoryPointer(self, size)

    def used_bytes(self) -> int:
        return self._used

    def total_bytes(self) -> int:
        return self._used + self._free

    def free_all_blocks(self) -> None:
        fake_cuda.free(0, self._free)
        self._free = 0

    def get_limit(self) -> int:
        return self._limit

    def set_limit(self, size: int | None = None, fraction: float | None = None) -> None:
        self._limit = size or 0


def default_pool() -> MemoryPool:
    return fake_cuda.kept("cupy", MemoryPool)
