"""Ends that are known to have met, so that the first message of a test is not lost."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Iterable
from typing import Any

import zmq

from maint.errors import MaintError

__tracebackhide__ = True
_LONGEST_MS = 50


def join(
    publisher: zmq.Socket[Any], subscriber: zmq.Socket[Any], topics: Iterable[bytes], timeout: float
) -> None:
    """Subscribe to ``topics``, and return when ``publisher`` knows; MaintError after ``timeout`` seconds.

    One more subscription, to a topic that nobody else uses, follows on the same way, and numbered messages of
    it are sent until the latest one comes through. Whatever was subscribed before it has then been taken in,
    and nothing of the handshake is still on its way.
    """
    sending, receiving = _blocking(publisher), _blocking(subscriber)
    probe = b"\0maint-" + secrets.token_bytes(8)
    for topic in (*topics, probe):
        receiving.setsockopt(zmq.SUBSCRIBE, topic)
    deadline = time.monotonic() + timeout
    for number in itertools.count(1):
        latest = b"%s%d" % (probe, number)
        sending.send(latest, zmq.NOBLOCK)
        while receiving.poll(min(number, _LONGEST_MS)):
            if receiving.recv(zmq.NOBLOCK) == latest:
                receiving.setsockopt(zmq.UNSUBSCRIBE, probe)
                return
        if time.monotonic() > deadline:
            raise MaintError(
                f"zmq: no subscription arrived within {timeout:g} s; is the subscriber connected?"
            )


def introduce(router: zmq.Socket[Any], dealer: zmq.Socket[Any], timeout: float) -> None:
    """Return when ``router`` can send to ``dealer``: before, libzmq drops such messages without a word."""
    sending, receiving = _blocking(dealer), _blocking(router)
    sending.send(b"", zmq.NOBLOCK)
    if not receiving.poll(round(timeout * 1000)):
        raise MaintError(f"zmq: the DEALER was not heard within {timeout:g} s; is it connected?")
    receiving.recv_multipart(zmq.NOBLOCK)


def _blocking(socket: zmq.Socket[Any]) -> zmq.SyncSocket:
    """The same socket for blocking calls, whatever loop it belongs to."""
    shadow: zmq.SyncSocket = zmq.Socket(shadow=socket.underlying)
    return shadow
