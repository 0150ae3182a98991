"""What the fakes of torch, rmm and cupy have below them: contexts and raw allocations on the fake driver."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

from fake_nvml import VARIABLE, FakeDevice, FakeDriver, MiB

T = TypeVar("T")

CONTEXT = 307 * MiB
_stores: dict[str, dict[str, Any]] = {}


def kept(name: str, make: Callable[[], T]) -> T:
    """What this process keeps under ``name`` for the driver that it has now: a test may change that."""
    store = _stores.setdefault(os.environ[VARIABLE], {})
    if name not in store:
        store[name] = make()
    found: T = store[name]
    return found


class CudaError(RuntimeError):
    """What the CUDA runtime answers."""


def cards() -> list[FakeDevice]:
    """The devices that CUDA shows, in its order: whole cards or the instances of split ones."""
    every = kept("driver", lambda: FakeDriver.here().devices())
    found = [one for one in every if not one.state.mig]
    listed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if listed is None:
        return found
    whole = [one for one in every if not one.state.parent]
    words = [word.strip() for word in listed.split(",") if word.strip()]
    return [
        whole[int(word)] if word.isdecimal() else next(one for one in found if one.uuid.startswith(word))
        for word in words
    ]


def begin(device: int) -> None:
    """The context of this process on the device, once."""
    contexts: set[int] = kept("contexts", set)
    if device not in contexts:
        contexts.add(device)
        cards()[device].add(CONTEXT)


def malloc(device: int, size: int) -> bool:
    """``cudaMalloc``; False: out of memory."""
    begin(device)
    card = cards()[device]
    if card.lost:
        raise CudaError("CUDA error: device lost")
    if size > card.free:
        return False
    card.add(size)
    return True


def free(device: int, size: int) -> None:
    """``cudaFree``; what outlives the test that set the driver up has nothing left to give back."""
    if VARIABLE in os.environ:
        cards()[device].add(-size)
