"""``zmq_fault_proxy``: a proxy that loses, delays and damages whole messages, as a seed has it."""

from __future__ import annotations

import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal

import pytest

from maint.extras import require

from .faults.decisions import Fault, When
from .faults.lanes import Lane, Logged

require("zmq")

import zmq  # noqa: E402 - after the check that it is there

from .faults.relay import Relay, Side  # noqa: E402 - needs zmq

__tracebackhide__ = True
Direction = Literal["to_back", "to_front", "both"]
_PAIRS = (
    (zmq.ROUTER, zmq.DEALER),
    (zmq.XSUB, zmq.XPUB),
    (zmq.PULL, zmq.PUSH),
    (zmq.PAIR, zmq.PAIR),
)
_DIRECTIONS = ("to_back", "to_front", "both")


class FaultProxy:
    """One proxy. Sockets connect to ``front`` and ``back``; every method takes effect between two messages.

    ``direction`` is ``"to_back"`` (requests, publications), ``"to_front"`` (replies) or ``"both"``. Messages
    are counted from 0 in each direction; each fault strikes every one, each ``every``-th, those in ``at``, or
    each with the probability ``p``.
    """

    def __init__(self, relay: Relay, to_back: Lane, to_front: Lane) -> None:
        self._relay = relay
        self._lanes = {"to_back": to_back, "to_front": to_front}

    @property
    def front(self) -> str:
        """The endpoint of the side that clients, publishers and pushers talk to."""
        return self._relay.endpoints[0]

    @property
    def back(self) -> str:
        """The endpoint of the side that servers, subscribers and pullers talk to."""
        return self._relay.endpoints[1]

    @property
    def log(self) -> list[Logged]:
        """What became of every message: those to the back first, then those to the front."""
        return self._relay.call(lambda: [entry for lane in self._lanes.values() for entry in lane.log])

    def drop(
        self,
        *,
        every: int | None = None,
        p: float | None = None,
        at: Iterable[int] | None = None,
        direction: Direction = "both",
    ) -> FaultProxy:
        """Lose messages."""
        return self._add(Fault("drop", When.of(every, p, at, always=False)), direction)

    def delay(
        self,
        *,
        ms: float | tuple[float, float],
        every: int | None = None,
        p: float | None = None,
        at: Iterable[int] | None = None,
        direction: Direction = "both",
    ) -> FaultProxy:
        """Hold messages for ``ms``, or for a time drawn between the two; later ones queue behind them."""
        low, high = ms if isinstance(ms, tuple) else (ms, ms)
        if not 0 <= low <= high:
            raise ValueError(f"ms is {ms!r}; give milliseconds from 0, the shorter first")
        return self._add(Fault("delay", When.of(every, p, at, always=True), low, high), direction)

    def duplicate(
        self,
        *,
        every: int | None = None,
        p: float | None = None,
        at: Iterable[int] | None = None,
        copies: int = 1,
        direction: Direction = "both",
    ) -> FaultProxy:
        """Send messages again, ``copies`` times, right behind themselves."""
        return self._add(
            Fault("duplicate", When.of(every, p, at, always=False), _positive(copies)), direction
        )

    def corrupt(
        self,
        *,
        every: int | None = None,
        p: float | None = None,
        at: Iterable[int] | None = None,
        bits: int = 1,
        direction: Direction = "both",
    ) -> FaultProxy:
        """Flip ``bits`` bits of one frame; identities and the topic of a multipart message stay whole."""
        return self._add(Fault("corrupt", When.of(every, p, at, always=True), _positive(bits)), direction)

    def truncate(
        self,
        *,
        every: int | None = None,
        p: float | None = None,
        at: Iterable[int] | None = None,
        direction: Direction = "both",
    ) -> FaultProxy:
        """Cut the end off one frame; identities and the topic of a multipart message stay whole."""
        return self._add(Fault("truncate", When.of(every, p, at, always=True)), direction)

    def reorder(self, *, window: int, direction: Direction = "both") -> FaultProxy:
        """Let every ``window`` messages go together, in another order than they came."""
        if isinstance(window, bool) or not isinstance(window, int) or window < 2:
            raise ValueError(f"window is {window!r}; give a whole number from 2")
        return self._each(direction, lambda lane: lane.reorder(window))

    def partition(self, side: Literal["back", "front", "both"] = "both") -> FaultProxy:
        """Lose every message to ``side`` from now on; what was passed on already still arrives."""
        if side not in ("back", "front", "both"):
            raise ValueError(f"side is {side!r}; give 'back', 'front' or 'both'")
        return self._each("both" if side == "both" else f"to_{side}", lambda lane: lane.cut_off(True))

    def heal(self) -> FaultProxy:
        """End partitions. Other faults go on: `clear` ends those."""
        return self._each("both", lambda lane: lane.cut_off(False))

    def clear(self) -> FaultProxy:
        """End all faults but partitions; messages that were held for reordering leave in their own order."""
        return self._each("both", Lane.clear)

    def advance(self, ms: float) -> FaultProxy:
        """Let ``ms`` milliseconds pass, on a proxy with ``virtual=True``."""
        self._relay.advance(ms)
        return self

    def wait_for(self, messages: int, *, direction: str = "to_back", timeout: float = 5.0) -> FaultProxy:
        """Wait until so many messages came in that direction, lost ones included."""
        (lane,) = self._chosen(direction)
        deadline = time.monotonic() + timeout
        while len(lane.log) < messages:
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"zmq_fault_proxy: {len(lane.log)} of {messages} messages came {direction} "
                    f"in {timeout:g} s"
                )
            time.sleep(0.001)
        return self

    def _add(self, fault: Fault, direction: str) -> FaultProxy:
        return self._each(direction, lambda lane: lane.faults.append(fault))

    def _each(self, direction: str, change: Callable[[Lane], None]) -> FaultProxy:
        lanes = self._chosen(direction)

        def change_all() -> None:
            for lane in lanes:
                change(lane)

        self._relay.call(change_all)
        return self

    def _chosen(self, direction: str) -> list[Lane]:
        if direction not in _DIRECTIONS:
            raise ValueError(f"direction is {direction!r}; give one of {', '.join(_DIRECTIONS)}")
        return list(self._lanes.values()) if direction == "both" else [self._lanes[direction]]


class FaultProxies:
    """The factory; `stop` ends all that it made."""

    def __init__(self) -> None:
        self._relays: list[Relay] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __call__(
        self,
        front: int = zmq.ROUTER,
        back: int = zmq.DEALER,
        *,
        seed: int = 0,
        transport: Literal["ipc", "tcp"] = "ipc",
        connect_front: str | None = None,
        connect_back: str | None = None,
        virtual: bool = False,
    ) -> FaultProxy:
        """A running proxy between ``front`` and ``back``.

        Both sides bind endpoints of their own over ``transport``. ``connect_back`` is that of a server which
        binds: the back connects there instead; ``connect_front`` is that of a publisher or pusher.
        With ``virtual``, delays pass by `FaultProxy.advance` alone.
        """
        if (front, back) not in _PAIRS:
            pairs = ", ".join(f"{_name(one)}/{_name(two)}" for one, two in _PAIRS)
            raise ValueError(f"front/back is {_name(front)}/{_name(back)}; give one of {pairs}")
        if transport not in ("ipc", "tcp"):
            raise ValueError(
                f"transport is {transport!r}; give 'ipc' or 'tcp': the proxy has its own context"
            )
        for name, endpoint in (("connect_front", connect_front), ("connect_back", connect_back)):
            if endpoint is not None and endpoint.startswith("inproc:"):
                raise ValueError(
                    f"{name} is {endpoint!r}: inproc does not reach the context of the proxy; "
                    "let the code bind over ipc or tcp; ZMQ030"
                )
        to_back, to_front = Lane("to_back", seed), Lane("to_front", seed)
        sides = (
            Side(front, connect_front or self._fresh(transport), connect_front is None),
            Side(back, connect_back or self._fresh(transport), connect_back is None),
        )
        relay = Relay(*sides, to_back, to_front, virtual=virtual)
        self._relays.append(relay)
        relay.start()
        return FaultProxy(relay, to_back, to_front)

    def stop(self) -> None:
        """End every proxy; fails the test where one does not end, without waiting for it."""
        stuck = [relay for relay in self._relays if not relay.stop()]
        if self._folder is not None:
            self._folder.cleanup()
        if stuck:
            pytest.fail(f"zmq_fault_proxy: {len(stuck)} did not stop; it is left running", pytrace=False)

    def _fresh(self, transport: str) -> str:
        if transport == "tcp":
            return "tcp://127.0.0.1:*"
        name = f"maint-fault-{secrets.token_hex(6)}"
        if sys.platform == "linux":
            return f"ipc://@{name}"
        if self._folder is None:
            # not the temporary folder of the test: a path of a socket has at most 103 bytes there
            self._folder = tempfile.TemporaryDirectory(prefix="mz", dir="/tmp")
        return f"ipc://{Path(self._folder.name, name)}"


def proxying(request: pytest.FixtureRequest) -> Iterator[FaultProxies]:
    """The fixture: proxies end with the test, passed or failed."""
    proxies = FaultProxies()
    try:
        yield proxies
    finally:
        proxies.stop()


def _positive(number: int) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise ValueError(f"{number!r}: give a whole number from 1")
    return number


def _name(type: int) -> str:
    try:
        return zmq.SocketType(type).name
    except ValueError:
        return str(type)
