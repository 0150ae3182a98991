"""``rmm.mr``: resources, each on top of another."""

from __future__ import annotations

from dataclasses import dataclass, replace

import fake_cuda


@dataclass
class Statistics:
    """``rmm.statistics.Statistics``, the part that counts bytes."""

    current_bytes: int = 0
    peak_bytes: int = 0
    total_bytes: int = 0


class DeviceMemoryResource:
    """The base of all."""


class CudaMemoryResource(DeviceMemoryResource):
    def allocate(self, size: int) -> None:
        if not fake_cuda.malloc(0, size):
            raise MemoryError("std::bad_alloc: out_of_memory: CUDA error")

    def deallocate(self, size: int) -> None:
        fake_cuda.free(0, size)


class ManagedMemoryResource(CudaMemoryResource):
    pass


class _OnTop(DeviceMemoryResource):
    def __init__(self, upstream: DeviceMemoryResource) -> None:
        self.upstream_mr = upstream

    def allocate(self, size: int) -> None:
        self.upstream_mr.allocate(size)

    def deallocate(self, size: int) -> None:
        self.upstream_mr.deallocate(size)


class LimitingResourceAdaptor(_OnTop):
    def __init__(self, upstream: DeviceMemoryResource, allocation_limit: int) -> None:
        super().__init__(upstream)
        self._limit, self._allocated = allocation_limit, 0

    def allocate(self, size: int) -> None:
        if self._allocated + size > self._limit:
            raise MemoryError("std::bad_alloc: out_of_memory: Exceeded memory limit")
        super().allocate(size)
        self._allocated += size

    def deallocate(self, size: int) -> None:
        super().deallocate(size)
        self._allocated -= size


class StatisticsResourceAdaptor(_OnTop):
    def __init__(self, upstream: DeviceMemoryResource) -> None:
        super().__init__(upstream)
        self._stack = [Statistics()]

    @property
    def allocation_counters(self) -> Statistics:
        return replace(self._stack[-1])

    def push_counters(self) -> Statistics:
        self._stack.append(Statistics())
        return replace(self._stack[-2])

    def pop_counters(self) -> Statistics:
        if len(self._stack) < 2:
            raise IndexError("cannot pop the last counter pair")
        top, below = self._stack.pop(), self._stack[-1]
        below.peak_bytes = max(below.peak_bytes, below.current_bytes + top.peak_bytes)
        below.current_bytes += top.current_bytes
        below.total_bytes += top.total_bytes
        return top

    def allocate(self, size: int) -> None:
        super().allocate(size)
        top = self._stack[-1]
        top.current_bytes += size
        top.total_bytes += size
        top.peak_bytes = max(top.peak_bytes, top.current_bytes)

    def deallocate(self, size: int) -> None:
        super().deallocate(size)
        self._stack[-1].current_bytes -= size


def get_current_device_resource() -> DeviceMemoryResource:
    return _current()[0]


def set_current_device_resource(resource: DeviceMemoryResource) -> None:
    _current()[0] = resource


def _current() -> list[DeviceMemoryResource]:
    return fake_cuda.kept("rmm", lambda: [CudaMemoryResource()])
