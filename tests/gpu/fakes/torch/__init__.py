"""torch as far as budgets of GPU memory see it, after its documentation; on the fake driver."""

from __future__ import annotations

from . import _C as _C
from . import cuda
from ._allocator import BLOCK, Block, allocators
from ._allocator import OutOfMemoryError as OutOfMemoryError


class Tensor:
    """Bytes on a device, given back to the cache when nobody holds them."""

    def __init__(self, block: Block) -> None:
        self._block = block

    def __del__(self) -> None:
        self._block.give_back()


def empty(size: int, *, device: str = "cuda") -> Tensor:
    """``torch.empty(size, dtype=torch.uint8, device=...)``."""
    cuda.init()
    _, _, number = device.partition(":")
    return Tensor(allocators()[int(number or 0)].take(-(-size // BLOCK) * BLOCK))
