"""``torch.cuda``: the functions that the documentation gives on memory."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import fake_cuda

from . import _C
from ._allocator import Allocator, allocators
from ._allocator import OutOfMemoryError as OutOfMemoryError


class _State:
    initialised = False
    pluggable = False  # a test sets it: torch.cuda.memory.CUDAPluggableAllocator is in place


def state() -> _State:
    """Of this process, with the driver that it has now."""
    return fake_cuda.kept("torch.cuda", _State)


def _of(device: int | None) -> Allocator:
    return allocators()[device or 0]


def init() -> None:
    if not state().initialised:
        state().initialised = True
        fake_cuda.begin(0)


def is_initialized() -> bool:
    return state().initialised


def is_available() -> bool:
    return bool(fake_cuda.cards())


def device_count() -> int:
    return len(fake_cuda.cards())


def _statistics(device: int | None) -> Allocator:
    if state().pluggable:
        raise RuntimeError(
            "CUDAPluggableAllocator does not yet support getDeviceStats. Use another.\nC++ stack"
        )
    if state().initialised and fake_cuda.cards()[device or 0].lost:
        raise RuntimeError(
            "CUDA error: unspecified launch failure\nCUDA kernel errors might be reported later"
        )
    return _of(device)


def memory_allocated(device: int | None = None) -> int:
    return _statistics(device).allocated


def max_memory_allocated(device: int | None = None) -> int:
    return _statistics(device).peak


def memory_reserved(device: int | None = None) -> int:
    return _statistics(device).reserved


def max_memory_reserved(device: int | None = None) -> int:
    return _statistics(device).reserved_peak


def reset_peak_memory_stats(device: int | None = None) -> None:
    _C._cuda_resetPeakMemoryStats(device or 0)


def empty_cache() -> None:
    if state().initialised:
        for allocator in allocators():
            allocator.give_cache_back()


def set_per_process_memory_fraction(fraction: float, device: int | None = None) -> None:
    init()
    if not 0 <= fraction <= 1:
        raise ValueError(f"Invalid fraction value: {fraction}. Allowed range: 0~1")
    _of(device).fraction = fraction


def get_per_process_memory_fraction(device: int | None = None) -> float:
    init()
    return _of(device).fraction


def get_device_properties(device: int | None = None) -> Any:
    init()
    return SimpleNamespace(total_memory=int(fake_cuda.cards()[device or 0].state.total))


def memory_snapshot() -> list[dict[str, Any]]:
    return [
        {
            "device": allocator.device,
            "total_size": block.segment,
            "blocks": [{"size": block.size, "state": "active_allocated", "frames": []}],
        }
        for allocator in allocators()
        for block in allocator.blocks
    ]
