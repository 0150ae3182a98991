"""What a source of measurements is: the driver's and the allocators' share this interface."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from maint.gpu.downgrade import Downgrade


class Reading(NamedTuple):
    """What one source says of one device, in bytes.

    ``peak`` is the most since `Source.begin`; ``how`` says how good that is: ``exact``, ``sampled 38 times``,
    ``at most``. ``held`` is in use now, and ``reserved`` what the source keeps on the card for it, its cache
    included.
    """

    peak: int
    how: str
    held: int
    reserved: int


class Source(Protocol):
    """Measures the GPU memory of this process, per device in the numbering of CUDA."""

    @property
    def name(self) -> str:
        """As the verdict names it: ``torch allocator``."""

    def begin(self) -> None:
        """Forget the peak so far. Never raises."""

    def readings(self) -> Mapping[int, Reading] | Downgrade:
        """What was seen since then, or why nothing can be said; may be asked again. Never raises."""

    def close(self) -> None:
        """Leave everything as it was found; it is not asked again. Never raises."""


class Allocator(Source, Protocol):
    """A source that hands out the memory itself, so it knows exactly and can refuse."""

    def idle(self) -> bool:
        """Whether it never handed anything out, so that what the test uses may be elsewhere."""

    def release(self) -> None:
        """Give the cache back to the driver."""

    def limit(self, size: int, device: int | None) -> Callable[[], None] | Downgrade:
        """Let allocations fail that go over ``size`` bytes; returns what takes the limit off again."""

    def blocks(self, device: int) -> list[str]:
        """The largest blocks in use, largest first, a line each; empty where the allocator keeps no list."""


Undo = Callable[[], None]
