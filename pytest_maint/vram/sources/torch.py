"""torch's caching allocator: exact, where the project has imported torch and initialised CUDA by itself."""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Mapping
from typing import Any

from maint.gpu.downgrade import Downgrade, driver_failed
from maint.gpu.sizes import amount

from .source import Reading, Undo

_BLOCKS = 5


def in_use() -> TorchAllocator | None:
    """The allocator, where torch is imported and uses CUDA; neither is done here."""
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    try:
        return TorchAllocator(torch) if torch.cuda.is_initialized() else None
    except AttributeError:  # torch is just being imported, or something else bears its name
        return None


class TorchAllocator:
    """``torch.cuda``'s statistics; its peak counts tensors, not the cache (torch.cuda.memory_stats)."""

    name = "torch allocator"

    def __init__(self, torch: Any) -> None:
        self._cuda = torch.cuda
        self._core = getattr(torch, "_C", None)

    def begin(self) -> None:
        """Start the peaks anew at what is held now."""
        with contextlib.suppress(RuntimeError):
            for device in range(self._cuda.device_count()):
                self._cuda.reset_peak_memory_stats(device)

    def readings(self) -> Mapping[int, Reading] | Downgrade:
        """Of every device; an allocator that was plugged into torch keeps no statistics."""
        cuda = self._cuda
        try:
            return {
                device: Reading(
                    int(cuda.max_memory_allocated(device)),
                    "exact",
                    int(cuda.memory_allocated(device)),
                    int(cuda.memory_reserved(device)),
                )
                for device in range(cuda.device_count())
            }
        except RuntimeError as error:
            return driver_failed(f"torch cannot say what it holds: {_first_line(error)}")

    def close(self) -> None:
        """Nothing was changed."""

    def idle(self) -> bool:
        """It was turned on to be used."""
        return False

    def release(self) -> None:
        """The cache and the workspaces of cuBLAS, which torch keeps for good once they are made."""
        clear = getattr(self._core, "_cuda_clearCublasWorkspaces", None)
        with contextlib.suppress(RuntimeError):
            if clear is not None:
                clear()
            self._cuda.empty_cache()

    def limit(self, size: int, device: int | None) -> Undo | Downgrade:
        """By ``set_per_process_memory_fraction``, which counts the cache: that is given back first."""
        self.release()
        devices = range(self._cuda.device_count()) if device is None else [device]
        try:
            for one in devices:
                total = self._cuda.get_device_properties(one).total_memory
                # torch multiplies and cuts off: without the next float the last byte of the budget is lost.
                share = min(1.0, math.nextafter(size / total, 2.0))
                self._cuda.set_per_process_memory_fraction(share, one)
        except RuntimeError as error:
            return driver_failed(f"torch cannot be limited: {_first_line(error)}")
        return lambda: self._unlimit(list(devices))

    def blocks(self, device: int) -> list[str]:
        """Of ``torch.cuda.memory_snapshot``, with the line that allocated each where history is recorded."""
        try:
            segments = self._cuda.memory_snapshot()
        except RuntimeError:
            return []
        held = [
            block
            for segment in segments
            if segment.get("device") == device
            for block in segment.get("blocks", ())
            if block.get("state") == "active_allocated"
        ]
        largest = sorted(held, key=lambda block: -block["size"])[:_BLOCKS]
        return [f"{amount(block['size'])}{_place(block)}" for block in largest]

    def _unlimit(self, devices: list[int]) -> None:
        with contextlib.suppress(RuntimeError):
            for device in devices:
                self._cuda.set_per_process_memory_fraction(1.0, device)


def _place(block: Mapping[str, Any]) -> str:
    """Where a block was allocated: the innermost frame that is not torch's own."""
    for frame in block.get("frames", ()):
        name = str(frame.get("filename", ""))
        if name.endswith(".py") and "/torch/" not in name:
            return f" at {name}:{frame.get('line', 0)}"
    return ""


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
