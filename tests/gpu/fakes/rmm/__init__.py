"""rmm as far as budgets of GPU memory see it, after its documentation; on the fake driver."""

from __future__ import annotations

from . import mr


class DeviceBuffer:
    """``rmm.DeviceBuffer(size=...)``."""

    def __init__(self, *, size: int) -> None:
        self._resource = mr.get_current_device_resource()
        self._resource.allocate(size)
        self._size = size

    def __del__(self) -> None:
        if hasattr(self, "_size"):
            self._resource.deallocate(self._size)
