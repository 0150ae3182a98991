"""A worker: takes tasks from the broker, and publishes a heartbeat after each and while it waits."""

from __future__ import annotations

import msgspec
import zmq

from .agent import Agent
from .broker import READY, WORKER_PORT
from .health import HEALTH_PORT, TOPIC
from .messages import Heartbeat, solve


class Worker(Agent):
    """Connects to ``tcp://localhost:5556`` for tasks and to ``tcp://localhost:5557`` with heartbeats."""

    beat_ms = 20

    def __init__(self, name: str, broker: str = f"tcp://localhost:{WORKER_PORT}") -> None:
        super().__init__(name)
        self.broker = broker
        self.done = 0

    def open(self) -> list[zmq.Socket]:
        """Connect, and say that a task would be welcome."""
        self.tasks = self.context.socket(zmq.DEALER)
        self.tasks.setsockopt(zmq.ROUTING_ID, self.name.encode())
        self.tasks.connect(self.broker)
        self.health = self.context.socket(zmq.PUB)
        self.health.connect(f"tcp://localhost:{HEALTH_PORT}")
        self.tasks.send(READY)
        return [self.tasks, self.health]

    def work(self, events: dict[zmq.Socket, int]) -> None:
        """One task, if there is one, and a heartbeat."""
        if self.tasks in events:
            *client, task = self.tasks.recv_multipart()
            self.tasks.send_multipart([*client, solve(task)])
            self.done += 1
        beat = msgspec.json.encode(Heartbeat(self.name, self.done))
        self.health.send_multipart([TOPIC + self.name.encode(), beat])
