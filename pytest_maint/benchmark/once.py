"""The ``benchmark`` fixture of the user's own session while the gate is on: one call, for correctness."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Self

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from .candidate import PROPERTY, Candidate
from .worker.fixture import AdoptedBenchmark, is_on_a_loop


class OnceBenchmark(AdoptedBenchmark):
    """Calls once: the workers of the gate do the timing.

    ``stats`` holds the one call, so that a test which reads it goes on.
    """

    _called: Callable[[], None]

    @classmethod
    def adopt(cls, fixture: BenchmarkFixture, called: Callable[[], None]) -> Self:
        """Turn ``fixture`` into one that calls once, and then ``called`` if that went well."""
        once = cls.take(fixture)
        once._called = called
        return once

    def _raw(self, function_to_benchmark: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        result = function_to_benchmark(*args, **kwargs)
        if issubclass(type(result), Coroutine):  # a proxy may have no __class__ to ask
            return self._raw_async(result)
        self._make_stats(iterations=1).update(time.perf_counter() - began)
        self._called()
        return result

    def _raw_async(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        async def call() -> Any:
            began = time.perf_counter()
            result = await coroutine
            self._make_stats(iterations=1).update(time.perf_counter() - began)
            self._called()
            return result

        return call() if is_on_a_loop() else asyncio.run(call())

    def _raw_pedantic(self, target: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        kwargs.update(rounds=1, warmup_rounds=0)
        result = super()._raw_pedantic(target, *args, **kwargs)
        self._called()
        return result


class OnceFixtures:
    """Overrides ``benchmark``; registered late, so that it wins over pytest-benchmark's own."""

    @pytest.fixture
    def benchmark(self, benchmark: BenchmarkFixture, request: pytest.FixtureRequest) -> BenchmarkFixture:
        """pytest-benchmark's fixture, called once here and measured by the gate afterwards."""
        property = (PROPERTY, Candidate.of(request.node).as_property())
        # Properties of a report are what reaches the controller under xdist too. Only a call that came to its
        # end makes a candidate: a test that makes none, or expects it to fail, has nothing to time.
        return OnceBenchmark.adopt(benchmark, lambda: request.node.user_properties.append(property))
