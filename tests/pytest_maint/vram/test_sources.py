"""One contract over all sources of an allocator, and what each has of its own."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from fake_nvml import FakeDevice, GiB, MiB

from maint.gpu.downgrade import Downgrade
from pytest_maint.vram.sources import cupy, rmm, torch

FAKES = ("torch", "rmm", "cupy", "fake_cuda")


class Kind(NamedTuple):
    """How one allocator is put to use: ``start`` imports it, ``take`` holds bytes while its result lives."""

    source: Any
    start: Callable[[], Any]
    take: Callable[[Any, int], object]


def _torch() -> Any:
    module = importlib.import_module("torch")
    module.cuda.init()
    return module


def _rmm() -> Any:
    importlib.import_module("rmm.statistics").enable_statistics()
    return importlib.import_module("rmm")


KINDS = {
    "torch": Kind(torch, _torch, lambda module, size: module.empty(size)),
    "rmm": Kind(rmm, _rmm, lambda module, size: module.DeviceBuffer(size=size)),
    "cupy": Kind(cupy, lambda: importlib.import_module("cupy"), lambda module, size: module.empty(size)),
}


@pytest.fixture(autouse=True)
def fresh(gpu: FakeDevice) -> Iterator[None]:
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] in FAKES]:
        del sys.modules[name]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


def started(kind: Kind) -> tuple[Any, Any]:
    module = kind.start()
    source = kind.source.in_use()
    assert source is not None
    source.begin()
    return module, source


def test_it_is_not_in_use_before_it_is_imported_and_is_not_imported_by_looking(kind: Kind) -> None:
    assert kind.source.in_use() is None
    assert not [name for name in sys.modules if name.partition(".")[0] in FAKES]


def test_the_peak_is_exact_and_outlives_what_it_was_made_of(kind: Kind) -> None:
    module, source = started(kind)
    first = kind.take(module, 3 * MiB)
    second = kind.take(module, 5 * MiB)
    del second
    reading = source.readings()[0]
    assert (reading.peak, reading.held, reading.how) == (8 * MiB, 3 * MiB, "exact")
    assert reading.reserved >= reading.held
    del first
    source.close()


def test_beginning_again_forgets_the_peak_and_keeps_what_is_held(kind: Kind) -> None:
    module, source = started(kind)
    kept = kind.take(module, 2 * MiB)
    kind.take(module, 6 * MiB)
    source.begin()
    assert source.readings()[0].peak == 2 * MiB
    more = kind.take(module, MiB)
    assert source.readings()[0].peak == 3 * MiB
    del kept, more
    source.close()


def test_a_limit_refuses_the_next_byte_and_comes_off(kind: Kind) -> None:
    module, source = started(kind)
    undo = source.limit(8 * MiB, None)
    assert not isinstance(undo, Downgrade)
    kept = kind.take(module, 8 * MiB)
    assert source.readings()[0].peak == 8 * MiB
    with pytest.raises((MemoryError, RuntimeError)):
        kind.take(module, 2 * MiB)
    undo()
    more = kind.take(module, GiB)
    del kept, more
    source.close()


def test_releasing_gives_the_cache_back_to_the_driver(kind: Kind, gpu: FakeDevice) -> None:
    module, source = started(kind)
    kind.take(module, 64 * MiB)
    source.release()
    assert gpu.held() < 64 * MiB + 307 * MiB
    assert source.readings()[0].held == 0
    source.close()


def test_closing_leaves_no_trace_for_the_next_to_begin(kind: Kind) -> None:
    module, source = started(kind)
    source.close()
    again = kind.source.in_use()
    again.begin()
    kept = kind.take(module, MiB)
    assert again.readings()[0].peak == MiB
    del kept
    again.close()


def test_the_last_byte_of_a_budget_survives_the_fraction_of_torch() -> None:
    module, source = started(KINDS["torch"])
    for size in (2 * MiB * step for step in (1, 3, 7, 333, 1001)):
        undo = source.limit(size, 0)
        kept = module.empty(size)
        with pytest.raises(RuntimeError, match="out of memory"):
            module.empty(1)
        del kept
        undo()


def test_torch_before_cuda_is_not_in_use() -> None:
    importlib.import_module("torch")
    assert torch.in_use() is None


def test_an_allocator_plugged_into_torch_is_a_downgrade_not_a_crash() -> None:
    module, source = started(KINDS["torch"])
    module.cuda.state().pluggable = True
    source.begin()
    told = source.readings()
    assert isinstance(told, Downgrade)
    assert told.detail.startswith("torch cannot say what it holds: CUDAPluggableAllocator does not yet")
    assert "\n" not in told.detail


def test_rmm_without_statistics_is_left_alone_unless_asked_for() -> None:
    importlib.import_module("rmm")
    assert rmm.in_use() is None
    assert rmm.in_use(enable=True) is not None


def test_managed_memory_is_seen_through_wrappers() -> None:
    assert rmm.managed() is False
    module = importlib.import_module("rmm")
    assert rmm.managed() is False
    mr = module.mr
    mr.set_current_device_resource(mr.StatisticsResourceAdaptor(mr.ManagedMemoryResource()))
    assert rmm.managed() is True


def test_a_pool_that_came_into_use_unfollowed_gives_a_bound() -> None:
    module = importlib.import_module("cupy")
    source = cupy.in_use()
    assert source is not None
    module.empty(4 * MiB)
    reading = source.readings()[0]
    assert (reading.peak, reading.how) == (4 * MiB, "at most")


def test_what_another_thread_took_from_the_pool_makes_it_a_bound() -> None:
    module, source = started(KINDS["cupy"])

    def work() -> None:
        module.empty(64 * MiB)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    reading = source.readings()[0]
    assert (reading.peak, reading.how) == (64 * MiB, "at most")
    source.close()
