"""CuPy as far as budgets of GPU memory see it, after its documentation; on the fake driver."""

from __future__ import annotations

from . import cuda
from .cuda import MemoryPointer


class ndarray:
    """Bytes on the device, given back to the pool when nobody holds them."""

    def __init__(self, memory: MemoryPointer) -> None:
        self._memory = memory

    def __del__(self) -> None:
        self._memory.give_back()


def get_default_memory_pool() -> cuda.MemoryPool:
    return cuda.default_pool()


def empty(size: int) -> ndarray:
    """``cupy.empty(size, dtype=cupy.uint8)``."""
    return ndarray(cuda.default_pool().malloc(size))
