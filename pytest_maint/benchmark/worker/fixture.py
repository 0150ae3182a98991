"""The ``benchmark`` fixture of a worker: suspended inside its call, it times slots when told to."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
from collections.abc import Callable, Coroutine, Generator, Iterator
from typing import Any, Self

from pytest_benchmark.fixture import BenchmarkFixture

from .clocks import Stopwatch
from .slots import AsyncCalls, Calls, Rounds, Slots


class Control:
    """What a suspended fixture needs of its worker."""

    def ready(self, result: object, calls_per_run: int) -> None:
        """Tell the controller that the benchmark waits inside its call; ``result`` is its return value."""
        raise NotImplementedError

    def receive(self) -> dict[str, Any]:
        """Next command of the controller."""
        raise NotImplementedError

    def reply(self, **fields: Any) -> None:
        """Answer a command."""
        raise NotImplementedError

    def traced(self) -> contextlib.AbstractContextManager[None]:
        """Note the code that runs inside, where the order asks for it."""
        raise NotImplementedError

    collect_garbage: bool = False


class AdoptedBenchmark(BenchmarkFixture):
    """pytest-benchmark's own fixture with its two measuring methods replaced.

    An instance is pytest-benchmark's fixture object with its class exchanged, so every option, mark and
    attribute (``group``, ``extra_info``, ``name``, ``stats``, ``weave``) is what the test would have without
    the gate.
    """

    @classmethod
    def take(cls, fixture: BenchmarkFixture) -> Self:
        """Make ``fixture`` one of this class."""
        fixture.__class__ = cls
        assert isinstance(fixture, cls)
        fixture.disabled = False
        # Nothing is listed by pytest-benchmark itself: its table would show our slots as its rounds.
        fixture._add_stats = lambda stats: None
        return fixture


class SuspendedBenchmark(AdoptedBenchmark):
    """Calls once, then waits inside the call for commands, each of them a slot to time."""

    _control: Control

    @classmethod
    def adopt(cls, fixture: BenchmarkFixture, control: Control) -> Self:
        """Turn ``fixture`` into a suspended one that obeys ``control``."""
        suspended = cls.take(fixture)
        suspended._control = control
        return suspended

    def _raw(self, function_to_benchmark: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with self._control.traced():
            result = function_to_benchmark(*args, **kwargs)
        if issubclass(type(result), Coroutine):  # a proxy may have no __class__ to ask
            return self._raw_async(AsyncCalls(function_to_benchmark, args, kwargs), result)
        self._suspend(Calls(function_to_benchmark, args, kwargs), result)
        return result

    def _raw_async(self, calls: AsyncCalls, first: Coroutine[Any, Any, Any]) -> Any:
        suspended = self._suspend_async(calls, first)
        if is_on_a_loop():
            return suspended
        with asyncio.Runner() as runner:
            return runner.run(suspended)

    def _raw_pedantic(
        self,
        target: Callable[..., Any],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
        setup: Callable[[], Any] | None = None,
        teardown: Callable[..., Any] | None = None,
        rounds: int = 1,
        warmup_rounds: int = 0,
        iterations: int = 1,
    ) -> Any:
        # pytest-benchmark knows teardown since 5.1.
        optional = {"teardown": teardown} if teardown else {}
        with self._control.traced():
            # One round of pytest-benchmark's own validates the arguments and yields the result.
            result = super()._raw_pedantic(
                target, args, kwargs, setup=setup, iterations=iterations, **optional
            )
        if setup or teardown or iterations > 1:
            slots: Slots = Rounds(target, args, kwargs or {}, setup, teardown, iterations)
        else:
            slots = Calls(target, args, kwargs or {})
        self._suspend(slots, result, iterations)
        return result

    def _suspend(self, slots: Slots, result: object, calls_per_run: int = 1) -> None:
        self._control.ready(result, calls_per_run)
        watch = Stopwatch()
        with _quiet(self._control.collect_garbage), contextlib.closing(watch):
            commands = self._commands(watch)
            with contextlib.suppress(StopIteration):
                n = next(commands)
                while True:
                    slots.run(n, watch)
                    n = commands.send(None)

    async def _suspend_async(self, calls: AsyncCalls, first: Coroutine[Any, Any, Any]) -> Any:
        with self._control.traced():
            result = await first
        self._control.ready(result, 1)
        watch = Stopwatch()
        with _quiet(self._control.collect_garbage), contextlib.closing(watch):
            commands = self._commands(watch)
            with contextlib.suppress(StopIteration):
                n = next(commands)
                while True:
                    await calls.run(n, watch)
                    n = commands.send(None)
        return result

    def _commands(self, watch: Stopwatch) -> Generator[int, None, None]:
        """Yield the number of calls of each slot; what they took goes back to the controller."""
        stats = self._make_stats(iterations=1)
        while (command := self._control.receive())["kind"] == "run":
            watch.reset()
            yield command["n"]
            elapsed = watch.elapsed_ns()
            if not self._control.collect_garbage:
                gc.collect()
            stats.update(watch.wall_ns / 1e9 / command["n"])
            self._control.reply(wall=watch.wall_ns, cpu=watch.cpu_ns, waited=watch.waited_ns, elapsed=elapsed)


@contextlib.contextmanager
def _quiet(collect_garbage: bool) -> Iterator[None]:
    """Keep tracers, profilers and (unless asked for) the garbage collector out of the slots."""
    trace, profile = sys.gettrace(), sys.getprofile()
    sys.settrace(None)
    sys.setprofile(None)
    enabled = gc.isenabled()
    gc.collect()
    gc.freeze()
    if not collect_garbage:
        gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if enabled:
            gc.enable()
        sys.settrace(trace)
        sys.setprofile(profile)


def is_on_a_loop() -> bool:
    """Whether the caller runs on an event loop, asyncio's or trio's, where it can await."""
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        return True
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
