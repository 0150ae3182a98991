"""What waits: receive, send and poll, blocking and awaited; who is inside, and what ran out of time."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import zmq

from .records import SocketRecord

if TYPE_CHECKING:
    from .tracking import Tracker

__tracebackhide__ = True
TIMEOUTS = (zmq.RCVTIMEO, zmq.SNDTIMEO)
_AWAITED = {
    "recv": "receive",
    "recv_multipart": "receive",
    "recv_into": "receive",
    "send": "send",
    "send_multipart": "send",
}


class Waits:
    """The wraps of a tracker around everything that may block."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._awaited = False

    def install(self) -> None:
        """Put the wraps in place."""
        replace = self._tracker.replace
        replace(zmq.Socket, "recv", self._recv)
        if hasattr(zmq.Socket, "recv_into"):  # new in pyzmq 26.4
            replace(zmq.Socket, "recv_into", self._recv_into)
        replace(zmq.Socket, "send", self._send)
        replace(zmq.Poller, "poll", self._poll)

    def install_awaited(self) -> None:
        """The same for asyncio, once the code has imported it: its Again goes to a future."""
        if self._awaited or "zmq._future" not in sys.modules:
            return
        self._awaited = True
        from zmq._future import _AsyncPoller, _AsyncSocket

        self._tracker.replace(_AsyncPoller, "poll", self._future_poll)
        for name, verb in _AWAITED.items():
            if hasattr(_AsyncSocket, name):
                self._tracker.replace(_AsyncSocket, name, functools.partial(self._future, verb))

    def _recv(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def recv(socket: Any, flags: int = 0, *args: Any, **kwargs: Any) -> Any:
            record = self._tracker.record_of(socket)
            if record is None or flags & zmq.NOBLOCK:
                return original(socket, flags, *args, **kwargs)
            return self._blocking(record, "receive", original, socket, flags, *args, **kwargs)

        return recv

    def _recv_into(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def recv_into(socket: Any, buffer: Any, /, *, nbytes: int = 0, flags: int = 0) -> Any:
            record = self._tracker.record_of(socket)
            if record is None or flags & zmq.NOBLOCK:
                return original(socket, buffer, nbytes=nbytes, flags=flags)
            return self._blocking(record, "receive", original, socket, buffer, nbytes=nbytes, flags=flags)

        return recv_into

    def _send(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def send(socket: Any, data: Any, flags: int = 0, *args: Any, **kwargs: Any) -> Any:
            record = self._tracker.record_of(socket)
            if record is None:
                return original(socket, data, flags, *args, **kwargs)
            if flags & zmq.NOBLOCK:
                result = original(socket, data, flags, *args, **kwargs)
            else:
                result = self._blocking(record, "send", original, socket, data, flags, *args, **kwargs)
            record.sent += 1
            return result

        return send

    def _blocking(
        self, record: SocketRecord, verb: str, call: Callable[..., Any], *args: Any, **kw: Any
    ) -> Any:
        record.user = threading.current_thread()
        record.doing = verb
        try:
            while True:
                try:
                    return call(*args, **kw)
                except zmq.Again as error:
                    if self._tracker.watcher.patient(record):
                        continue
                    self._tracker.watcher.waited(record, verb, error)
                    error.__traceback__ = None  # without the frames inside of pyzmq
                    raise
        finally:
            record.doing = ""
            if record.deferred:
                record.deferred = False
                args[0].close()

    def _poll(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def poll(poller: Any, timeout: float | None = None) -> Any:
            endless = timeout is None or timeout < 0
            found = [
                self._tracker.record_of(each) for each, _ in poller.sockets if isinstance(each, zmq.Socket)
            ]
            records = [record for record in found if record is not None]
            if not endless or self._tracker.poll_limit is None or not records:
                return original(poller, timeout)
            for record in records:
                record.user, record.doing = threading.current_thread(), "poll"
            try:
                while not (events := original(poller, self._tracker.poll_limit)):
                    if not all(map(self._tracker.watcher.patient, records)):
                        break
            finally:
                for record in records:
                    record.doing = ""
                    if record.deferred and (socket := record.reference()) is not None:
                        record.deferred = False
                        socket.close()
            if not events and self._tracker.poll_limit is not None:
                error = zmq.Again()
                for record in records:
                    self._tracker.watcher.waited(record, "poll", error)
                raise error
            return events

        return poll

    def _future(self, verb: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(socket: Any, *args: Any, **kwargs: Any) -> Any:
            future = original(socket, *args, **kwargs)
            record = self._tracker.record_of(socket)
            if record is not None and not future.done():
                record.user = threading.current_thread()
                future.add_done_callback(functools.partial(self._awaited_ended, record, verb))
            return future

        return call

    def _future_poll(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def poll(poller: Any, timeout: float | None = -1) -> Any:
            if timeout is None or timeout < 0 or self._tracker.defaults is None:
                return original(poller, timeout)
            # pyzmq ends an awaited poll after RCVTIMEO as well: not if that is ours and the poll has a limit
            sockets = [each for each, _ in poller.sockets if isinstance(each, zmq.Socket)]
            found = [(each, self._tracker.record_of(each)) for each in sockets]
            ours = [each for each, record in found if record is not None and record.bounded]
            options = [(each, option) for each in ours for option in TIMEOUTS]
            for socket, option in options:
                self._tracker.pyzmq("set")(socket, option, -1)
            try:
                return original(poller, timeout)
            finally:
                for socket, option in options:
                    self._tracker.pyzmq("set")(socket, option, self._tracker.defaults.timeout)

        return poll

    def _awaited_ended(self, record: SocketRecord, verb: str, future: Any) -> None:
        if not future.cancelled() and isinstance(error := future.exception(), zmq.Again):
            self._tracker.watcher.waited(record, verb, error)
