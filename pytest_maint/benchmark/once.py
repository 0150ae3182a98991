"""The ``benchmark`` fixture of the user's own session while the gate is on: one call, for correctness."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from .candidate import PROPERTY, Candidate
from .worker.fixture import is_coroutine_function


class OnceBenchmark(BenchmarkFixture):
    """pytest-benchmark's fixture without its rounds: the workers of the gate do the timing.

    ``stats`` holds the one call, so that a test which reads it goes on.
    """

    @classmethod
    def adopt(cls, fixture: BenchmarkFixture) -> OnceBenchmark:
        """Turn pytest-benchmark's fixture into one that calls once."""
        fixture.__class__ = cls
        assert isinstance(fixture, cls)
        fixture.disabled = False
        fixture._add_stats = lambda stats: None
        return fixture

    def _raw(self, function_to_benchmark: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if is_coroutine_function(function_to_benchmark):
            return self._raw_async(function_to_benchmark(*args, **kwargs))
        began = time.perf_counter()
        result = function_to_benchmark(*args, **kwargs)
        self._make_stats(iterations=1).update(time.perf_counter() - began)
        return result

    def _raw_async(self, coroutine: Any) -> Any:
        async def call() -> Any:
            began = time.perf_counter()
            result = await coroutine
            self._make_stats(iterations=1).update(time.perf_counter() - began)
            return result

        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(call())
        return call()

    def _raw_pedantic(self, target: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        kwargs.update(rounds=1, warmup_rounds=0)
        return super()._raw_pedantic(target, *args, **kwargs)


class OnceFixtures:
    """Overrides ``benchmark``; registered late, so that it wins over pytest-benchmark's own."""

    @pytest.fixture
    def benchmark(self, benchmark: BenchmarkFixture, request: pytest.FixtureRequest) -> BenchmarkFixture:
        """pytest-benchmark's fixture, called once here and measured by the gate afterwards."""
        candidate = Candidate.of(request.node)
        # Properties of a report are what reaches the controller under xdist too.
        request.node.user_properties.append((PROPERTY, candidate.as_property()))
        return OnceBenchmark.adopt(benchmark)
