"""Timed slots: ``n`` calls of what a benchmark measures, for every way pytest-benchmark can be called."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import repeat
from typing import Any, Protocol

from .clocks import Stopwatch


class Slots(Protocol):
    """Something that can run ``n`` calls between two readings of the stopwatch."""

    def run(self, n: int, watch: Stopwatch) -> None:
        """Run ``n`` calls and add their time to ``watch``."""


class Calls:
    """``benchmark(function, *args, **kwargs)``: calls back to back in one stretch."""

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._function, self._args, self._kwargs = function, args, kwargs

    def run(self, n: int, watch: Stopwatch) -> None:
        """Run ``n`` calls in one stretch."""
        function, args, kwargs = self._function, self._args, self._kwargs
        calls = repeat(None, n)
        watch.start()
        for _ in calls:
            function(*args, **kwargs)
        watch.stop()


class Rounds:
    """``benchmark.pedantic(…)`` with ``setup`` or ``teardown``: one stretch a round, neither is timed."""

    def __init__(
        self,
        target: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        setup: Callable[[], Any] | None,
        teardown: Callable[..., Any] | None,
        iterations: int,
    ) -> None:
        self._target, self._args, self._kwargs = target, args, kwargs
        self._setup, self._teardown, self._iterations = setup, teardown, iterations

    def run(self, n: int, watch: Stopwatch) -> None:
        """Run ``n`` rounds of ``iterations`` calls."""
        for _ in repeat(None, n):
            args, kwargs = self._args, self._kwargs
            prepared = self._setup() if self._setup else None
            if prepared:
                args, kwargs = prepared
            Calls(self._target, args, kwargs).run(self._iterations, watch)
            if self._teardown:
                self._teardown(*args, **kwargs)


class AsyncCalls:
    """A coroutine function: calls awaited one after another on one event loop, whose start is not timed."""

    def __init__(
        self, function: Callable[..., Awaitable[Any]], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self._function, self._args, self._kwargs = function, args, kwargs

    async def run(self, n: int, watch: Stopwatch) -> None:
        """Run ``n`` calls in one stretch on the running loop."""
        function, args, kwargs = self._function, self._args, self._kwargs
        calls = repeat(None, n)
        watch.start()
        for _ in calls:
            await function(*args, **kwargs)
        watch.stop()
