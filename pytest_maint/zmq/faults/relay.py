"""The thread of a fault proxy: the only one that touches its sockets, from the first to the last."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeVar

import zmq

from .lanes import Lane

__tracebackhide__ = True
_T = TypeVar("_T")
_PATIENCE_S = 5.0  # for one command: the thread does nothing that blocks
_WAITING = 1000  # messages in a lane before its source has to wait, as libzmq's own mark is
_IDLE_MS = 1000
_BATCH = 100  # messages of one side before the other gets its turn


class Side(NamedTuple):
    """One socket of a proxy: its type, where it is, and whether it binds there or connects."""

    type: int
    endpoint: str
    binds: bool


class Relay:
    """Runs from `start` to `stop`; everything else is asked of it through `call`."""

    def __init__(self, front: Side, back: Side, to_back: Lane, to_front: Lane, *, virtual: bool) -> None:
        self.endpoints = (front.endpoint, back.endpoint)
        self._sides = (front, back)
        self._lanes = (to_back, to_front)  # what the front brings, what the back brings
        self._virtual = virtual
        self._now = 0.0
        self._context = zmq.Context()
        self._wakes = f"inproc://wake-{id(self):x}"
        self._waker = self._context.socket(zmq.PAIR)
        self._waker.linger = 0
        self._waker.bind(self._wakes)
        self._lock = threading.Lock()
        self._commands: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._stopping = False
        self._sockets: list[zmq.Socket[bytes]] = []
        self._full = [False, False]
        self._thread = threading.Thread(target=self._run, name="zmq-fault-proxy", daemon=True)
        self._begun: Future[tuple[str, str]] = Future()

    def start(self) -> None:
        """Bind and connect; raises what libzmq refuses."""
        self._thread.start()
        try:
            self.endpoints = self._begun.result(_PATIENCE_S)
        except zmq.ZMQError as error:
            error.__traceback__ = None  # of the thread
            raise

    def call(self, command: Callable[[], _T]) -> _T:
        """Run ``command`` between two messages, in the thread; its result."""
        if not self._thread.is_alive():
            return command()  # nobody else is at it any more
        done: Future[_T] = Future()
        with self._lock:
            self._commands.append((command, done))
            self._wake()
        return done.result(_PATIENCE_S)

    def advance(self, ms: float) -> None:
        """Move the virtual clock; what is due by then has left when this returns."""

        def move() -> None:
            self._now += ms
            self._pass_on()

        self.call(move)

    def stop(self) -> bool:
        """End the thread, which closes its sockets; False where it does not end, and is left alone."""
        self._stopping = True
        with self._lock:
            self._wake()
        self._thread.join(_PATIENCE_S)
        if self._thread.is_alive():
            return False
        self._waker.close()
        self._context.term()
        return True

    def _wake(self) -> None:
        with contextlib.suppress(zmq.Again):  # it has been woken often enough, or has ended
            self._waker.send(b"", zmq.NOBLOCK)

    def _run(self) -> None:
        wake = self._context.socket(zmq.PAIR)
        try:
            wake.connect(self._wakes)
            try:
                self._open()
            except zmq.ZMQError as error:
                self._begun.set_exception(error)
                return
            self._begun.set_result(self.endpoints)
            while not self._stopping:
                self._turn(wake)
        finally:
            for socket in (wake, *self._sockets):
                socket.close(0)

    def _open(self) -> None:
        for side in self._sides:
            socket = self._context.socket(side.type)
            self._sockets.append(socket)
            socket.linger = 0
            if side.type == zmq.ROUTER:
                socket.router_handover = True  # a client that comes again under its name gets its answers
            (socket.bind if side.binds else socket.connect)(side.endpoint)
        front, back = (
            _text(socket.get(zmq.LAST_ENDPOINT)) if side.binds else side.endpoint
            for socket, side in zip(self._sockets, self._sides, strict=True)
        )
        self.endpoints = (front, back)

    def _turn(self, wake: zmq.Socket[bytes]) -> None:
        poller = zmq.Poller()
        poller.register(wake, zmq.POLLIN)
        for number, socket in enumerate(self._sockets):
            wanted = zmq.POLLIN if self._lanes[number].waiting < _WAITING else 0
            wanted |= zmq.POLLOUT if self._full[number] else 0
            if wanted:
                poller.register(socket, wanted)
        events = dict(poller.poll(self._timeout()))
        if wake in events:
            while _received(wake) is not None:
                pass
        for number, socket in enumerate(self._sockets):
            if events.get(socket, 0) & zmq.POLLIN:
                self._take(number)
        self._pass_on()
        while self._commands:
            command, done = self._commands.popleft()
            try:
                done.set_result(command())
            except Exception as error:  # noqa: BLE001 # boundary: it is the caller's, in another thread
                done.set_exception(error)
            self._pass_on()

    def _timeout(self) -> int:
        """Until the next message is due; virtual time passes by command only."""
        dues = [lane.due for number, lane in enumerate(self._lanes) if not self._full[1 - number]]
        waits = [due - self._time() for due in dues if due is not None]
        return _IDLE_MS if self._virtual else max(0, math.ceil(min([_IDLE_MS, *waits])))

    def _time(self) -> float:
        return self._now if self._virtual else time.monotonic() * 1000

    def _take(self, number: int) -> None:
        """Read what one side brings; subscriptions are no messages, and pass as they are."""
        source, target, lane = self._sockets[number], self._sockets[1 - number], self._lanes[number]
        for _ in range(_BATCH):
            frames = _received(source)
            if frames is None:
                return
            if self._sides[number].type == zmq.XPUB:
                target.send_multipart(frames, zmq.NOBLOCK)
            else:
                lane.offer(self._time(), frames, self._envelope(number, frames))

    def _envelope(self, number: int, frames: list[bytes]) -> int:
        """The frames in front that say where a message goes: without them it would be another fault."""
        types = {side.type for side in self._sides}
        if types == {zmq.ROUTER, zmq.DEALER}:
            return 1
        return int(types == {zmq.XSUB, zmq.XPUB} and len(frames) > 1)

    def _pass_on(self) -> None:
        for number, lane in enumerate(self._lanes):
            target = self._sockets[1 - number]
            self._full[1 - number] = False
            now = self._time()
            while (frames := lane.leave(now)) is not None:
                try:
                    target.send_multipart(frames, zmq.NOBLOCK)
                except zmq.Again:
                    lane.put_back(now, frames)
                    self._full[1 - number] = True
                    break


def _received(socket: zmq.Socket[bytes]) -> list[bytes] | None:
    try:
        return socket.recv_multipart(zmq.NOBLOCK)
    except zmq.Again:
        return None


def _text(value: Any) -> str:
    return bytes(value).rstrip(b"\0").decode()
