"""The broker: clients on one ROUTER, workers on another, each task to the worker that waited longest."""

from __future__ import annotations

from collections import OrderedDict, deque

import zmq

from .agent import Agent

CLIENT_PORT = 5555
WORKER_PORT = 5556
READY = b"READY"


class Broker(Agent):
    """Binds ``tcp://*:5555`` and ``tcp://*:5556``."""

    def __init__(self) -> None:
        super().__init__("broker")
        self.idle: OrderedDict[bytes, None] = OrderedDict()
        self.waiting: deque[list[bytes]] = deque()

    def open(self) -> list[zmq.Socket]:
        """Bind both sides."""
        self.clients = self.context.socket(zmq.ROUTER)
        self.clients.bind(f"tcp://*:{CLIENT_PORT}")
        self.workers = self.context.socket(zmq.ROUTER)
        # A worker that crashed comes back under its name before the old connection is known to be dead.
        self.workers.setsockopt(zmq.ROUTER_HANDOVER, 1)
        self.workers.setsockopt(zmq.ROUTER_MANDATORY, 1)
        self.workers.bind(f"tcp://*:{WORKER_PORT}")
        return [self.clients, self.workers]

    def work(self, events: dict[zmq.Socket, int]) -> None:
        """Take what workers and clients have sent, and hand out tasks."""
        if self.workers in events:
            self.from_worker(self.workers.recv_multipart())
        if self.clients in events:
            self.waiting.append(self.clients.recv_multipart())
        while self.idle and self.waiting:
            worker, _ = self.idle.popitem(last=False)
            try:
                self.workers.send_multipart([worker, *self.waiting[0]])
            except zmq.ZMQError as error:
                if error.errno != zmq.EHOSTUNREACH:
                    raise
            else:
                self.waiting.popleft()

    def from_worker(self, frames: list[bytes]) -> None:
        """READY, or a reply for a client behind the same name."""
        worker, *rest = frames
        self.idle[worker] = None
        if rest != [READY]:
            self.clients.send_multipart(rest)
