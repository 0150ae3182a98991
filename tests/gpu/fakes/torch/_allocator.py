"""The caching allocator: blocks of 512 bytes in segments of 2 MiB steps, which stay reserved when free."""

from __future__ import annotations

import fake_cuda

BLOCK, SEGMENT = 512, 2**21


class OutOfMemoryError(RuntimeError):
    """``torch.OutOfMemoryError``."""


class Block:
    """A piece of memory in use; each has a segment of its own, which is enough here."""

    def __init__(self, owner: Allocator, size: int, segment: int) -> None:
        self.owner = owner
        self.size = size
        self.segment = segment

    def give_back(self) -> None:
        """Into the cache."""
        self.owner.blocks.remove(self)
        self.owner.cached.append(self.segment)


class Allocator:
    """Of one device."""

    def __init__(self, device: int) -> None:
        self.device = device
        self.blocks: list[Block] = []
        self.cached: list[int] = []
        self.peak = self.reserved_peak = 0
        self.fraction = 1.0

    @property
    def allocated(self) -> int:
        """In use by tensors."""
        return sum(block.size for block in self.blocks)

    @property
    def reserved(self) -> int:
        """Taken from CUDA."""
        return sum(block.segment for block in self.blocks) + sum(self.cached)

    def take(self, size: int) -> Block:
        """From the cache, else from CUDA within the fraction that the process may have."""
        segment = next((one for one in sorted(self.cached) if one >= size), 0)
        if segment:
            self.cached.remove(segment)
        else:
            segment = self._grow(-(-size // SEGMENT) * SEGMENT)
        block = Block(self, size, segment)
        self.blocks.append(block)
        self.peak = max(self.peak, self.allocated)
        self.reserved_peak = max(self.reserved_peak, self.reserved)
        return block

    def give_cache_back(self) -> None:
        """``empty_cache``."""
        fake_cuda.free(self.device, sum(self.cached))
        self.cached.clear()

    def _grow(self, segment: int) -> int:
        allowed = int(fake_cuda.cards()[self.device].state.total * self.fraction)
        if self.reserved + segment > allowed or not fake_cuda.malloc(self.device, segment):
            self.give_cache_back()
            if self.reserved + segment > allowed or not fake_cuda.malloc(self.device, segment):
                raise OutOfMemoryError(f"CUDA out of memory. Tried to allocate {segment} bytes.")
        return segment


def allocators() -> list[Allocator]:
    """Of every device that CUDA shows, from the first call on."""
    return fake_cuda.kept("torch", lambda: [Allocator(device) for device in range(len(fake_cuda.cards()))])
