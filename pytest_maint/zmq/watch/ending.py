"""The end of a context in bounded time: terminated by a thread that may be left behind, else abandoned."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import zmq

from maint.errors import MaintError

from .records import ContextRecord, SocketRecord

__tracebackhide__ = True
PATIENCE_S = 2.0
_LOOK_S = 0.01


class StuckContext(MaintError):
    """A context that did not terminate; it is left as it is, and will not be touched again."""


def ends(record: ContextRecord, context: zmq.Context[Any], call: Callable[[], None]) -> bool:
    """Whether ``call``, which terminates ``context``, came back.

    It gets 2 s beyond the longest time that closed sockets may linger. What did not come back is abandoned:
    kept for ever, since pyzmq would otherwise end it again at the collector's whim, or at exit.
    """
    lingering = max((each.linger for each in record.sockets if each.closed and each.sent), default=0)
    raised: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:  # noqa: BLE001 # boundary: handed to the thread that asked
            raised.append(error)

    # A daemon: libzmq cannot be interrupted, and an exit must not wait for it.
    thread = threading.Thread(target=run, name="maint-zmq-term", daemon=True)
    thread.start()
    thread.join(PATIENCE_S + max(0, lingering) / 1000)
    if thread.is_alive():
        abandon(record, context)
        return False
    if raised:
        raise raised[0]
    return True


def finish(record: ContextRecord, context: zmq.Context[Any], call: Callable[[], None]) -> bool:
    """Close the sockets of a context and terminate it, as `finish_all` does; whether it ended."""
    _close_idle(record)
    if record.holders:
        return not finish_all([(record, context, call)])
    call()
    return True


def finish_all(
    left: Iterable[tuple[ContextRecord, zmq.Context[Any], Callable[[], None]]],
) -> list[ContextRecord]:
    """Close the sockets of contexts and terminate them, within 2 s in all; those that did not end.

    What another thread uses is closed only when that thread is done: terminating wakes it.
    """
    ending = []
    for record, context, call in left:
        _close_idle(record)
        thread = threading.Thread(target=call, name="maint-zmq-term", daemon=True)
        thread.start()
        ending.append((record, context, thread))
    deadline = time.monotonic() + PATIENCE_S
    while (alive := [each for each in ending if each[2].is_alive()]) and time.monotonic() < deadline:
        alive[0][2].join(_LOOK_S)
        for record, _, _ in alive:
            _close_idle(record)
    for record, context, _ in alive:
        abandon(record, context)
    return [record for record, _, _ in alive]


def abandon(record: ContextRecord, context: zmq.Context[Any]) -> None:
    """Leave a context and its open sockets alone, for the rest of the process."""
    record.abandoned = True
    # pyzmq before 26 terminates in the deallocator, later ones in __del__: neither comes to run.
    _keep(context)
    context.__dict__["term"] = context.__dict__["destroy"] = _nothing
    for each in record.holders:
        if (socket := each.reference()) is not None:
            _keep(socket)


def _close_idle(record: ContextRecord) -> None:
    for each in list(record.sockets):
        socket = each.reference()
        if socket is not None and not each.closed and not in_use(each):
            socket.close(linger=0)


def in_use(record: SocketRecord) -> bool:
    """Whether another living thread has it."""
    return record.elsewhere is not None


def _keep(value: object) -> None:
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(value))


def _nothing(*_: object, **__: object) -> None:
    return None
