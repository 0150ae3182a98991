"""torch's caching allocator: exact, where the project has imported torch and initialised CUDA by itself."""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Callable, Mapping
from typing import Any

from maint.gpu.downgrade import Downgrade, driver_failed
from maint.gpu.sizes import amount

from .source import Reading, Undo

_BLOCKS = 5
_RESET = "_cuda_resetPeakMemoryStats"


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
        self._before: dict[int, int] = {}
        self._reset: Any = None

    def begin(self) -> None:
        """Start the peaks anew at what is held now; a test that does so itself loses none of them."""
        self.close()
        self._before = {}
        with contextlib.suppress(RuntimeError):
            for device in range(self._cuda.device_count()):
                self._cuda.reset_peak_memory_stats(device)
        # All of torch's functions that reset peaks come down to this one, however a test imported them.
        self._reset = getattr(self._core, _RESET, None)
        if self._reset is not None:
            setattr(self._core, _RESET, self._following(self._reset))

    def readings(self) -> Mapping[int, Reading] | Downgrade:
        """Of every device; an allocator that was plugged into torch keeps no statistics."""
        cuda = self._cuda
        try:
            return {
                device: Reading(
                    max(int(cuda.max_memory_allocated(device)), self._before.get(device, 0)),
                    "exact",
                    int(cuda.memory_allocated(device)),
                    int(cuda.memory_reserved(device)),
                )
                for device in range(cuda.device_count())
            }
        except RuntimeError as error:
            return driver_failed(f"torch cannot say what it holds: {_first_line(error)}")

    def close(self) -> None:
        """Torch's own function is its own again."""
        if self._reset is not None:
            setattr(self._core, _RESET, self._reset)
            self._reset = None

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
        # Until torch 2.8 there was no asking: then a project's own limit cannot be put back.
        asked = getattr(self._cuda, "get_per_process_memory_fraction", lambda _: 1.0)
        before: dict[int, float] = {}
        try:
            for one in devices:
                before[one] = asked(one)
                total = self._cuda.get_device_properties(one).total_memory
                # torch multiplies and cuts off: without the next float the last byte of the budget is lost.
                share = min(1.0, math.nextafter(size / total, 2.0))
                self._cuda.set_per_process_memory_fraction(min(share, before[one]), one)
        except RuntimeError as error:
            return driver_failed(f"torch cannot be limited: {_first_line(error)}")
        return lambda: self._unlimit(before)

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

    def _unlimit(self, before: Mapping[int, float]) -> None:
        with contextlib.suppress(RuntimeError):
            for device, share in before.items():
                self._cuda.set_per_process_memory_fraction(share, device)

    def _following(self, reset: Callable[[int], None]) -> Callable[[int], None]:
        def reset_after_a_look(device: int) -> None:
            with contextlib.suppress(RuntimeError):
                peak = int(self._cuda.max_memory_allocated(device))
                self._before[device] = max(self._before.get(device, 0), peak)
            reset(device)

        return reset_after_a_look


def _place(block: Mapping[str, Any]) -> str:
    """Where a block was allocated: the innermost frame that is not torch's own."""
    for frame in block.get("frames", ()):
        name = str(frame.get("filename", ""))
        if name.endswith(".py") and "/torch/" not in name:
            return f" at {name}:{frame.get('line', 0)}"
    return ""


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
