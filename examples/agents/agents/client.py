"""A client of the broker that asks again when it hears nothing."""

from __future__ import annotations

import msgspec
import zmq

from .broker import CLIENT_PORT
from .messages import Result, Task

RETRY_MS = 100


class NoAnswer(Exception):
    """Nobody answered, however often the task was sent."""


class Client:
    """REQ to ``tcp://localhost:5555``."""

    def __init__(
        self, endpoint: str = f"tcp://localhost:{CLIENT_PORT}", retry_ms: int = RETRY_MS, tries: int = 5
    ) -> None:
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.REQ)
        # Without both, a lost reply would leave the socket waiting for ever.
        self.socket.setsockopt(zmq.REQ_RELAXED, 1)
        self.socket.setsockopt(zmq.REQ_CORRELATE, 1)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.connect(endpoint)
        self.retry_ms = retry_ms
        self.tries = tries

    def count_words(self, task: Task) -> Result:
        """The result of the task; raises NoAnswer."""
        for _ in range(self.tries):
            self.socket.send(msgspec.json.encode(task))
            if self.socket.poll(self.retry_ms):
                return msgspec.json.decode(self.socket.recv(), type=Result)
        raise NoAnswer(f"task {task.id}: {self.tries} tries, {self.retry_ms} ms each")

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
        self.context.term()
