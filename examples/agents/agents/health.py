"""The health bus: heartbeats in, heartbeats out to whoever subscribes, and who is alive."""

from __future__ import annotations

import msgspec
import zmq

from .agent import Agent
from .messages import Heartbeat

HEALTH_PORT = 5557
WATCH_PORT = 5558
TOPIC = b"health."


class HealthBus(Agent):
    """SUB on ``tcp://*:5557``, PUB on ``tcp://*:5558``; ``tasks_done`` is by worker."""

    def __init__(self) -> None:
        super().__init__("health")
        self.tasks_done: dict[str, int] = {}
        self.refused = 0

    def open(self) -> list[zmq.Socket]:
        """Bind both sides."""
        self.beats = self.context.socket(zmq.SUB)
        self.beats.subscribe(TOPIC)
        self.beats.bind(f"tcp://*:{HEALTH_PORT}")
        self.watchers = self.context.socket(zmq.PUB)
        self.watchers.bind(f"tcp://*:{WATCH_PORT}")
        return [self.beats, self.watchers]

    def work(self, events: dict[zmq.Socket, int]) -> None:
        """Note a heartbeat and pass it on."""
        if self.beats in events and self.note(frames := self.beats.recv_multipart()):
            self.watchers.send_multipart(frames)

    def note(self, frames: list[bytes]) -> bool:
        """Whether the frames are a heartbeat; anything else is counted and goes no further."""
        try:
            topic, data = frames
            beat = msgspec.json.decode(data, type=Heartbeat)
            if topic != TOPIC + beat.worker.encode():
                raise ValueError(f"{beat.worker} under the topic of another")
        except (ValueError, msgspec.MsgspecError):
            self.refused += 1
            return False
        self.tasks_done[beat.worker] = max(beat.done, self.tasks_done.get(beat.worker, 0))
        return True
