"""What all agents have: a thread, a context, and a way to be told to stop."""

from __future__ import annotations

import threading
import uuid

import zmq


class Agent(threading.Thread):
    """Serves until `stop`; sockets are created, used and closed in its own thread.

    ``beat_ms`` is how long it waits for messages before it has its turn anyway.
    """

    beat_ms: int | None = None

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.context = zmq.Context()
        self._stop_endpoint = f"inproc://stop-{uuid.uuid4()}"
        self._stopper = self.context.socket(zmq.PAIR)
        self._stopper.bind(self._stop_endpoint)
        self.ready = threading.Event()

    def run(self) -> None:
        """The thread's body."""
        with self.context.socket(zmq.PAIR) as stopped:
            stopped.connect(self._stop_endpoint)
            try:
                sockets = self.open()
            finally:
                self.ready.set()
            poller = zmq.Poller()
            for socket in (stopped, *sockets):
                poller.register(socket, zmq.POLLIN)
            while stopped not in (events := dict(poller.poll(self.beat_ms))):
                self.work(events)
            for socket in sockets:
                socket.close(linger=0)

    def open(self) -> list[zmq.Socket]:
        """Create the sockets."""
        raise NotImplementedError

    def work(self, events: dict[zmq.Socket, int]) -> None:
        """Handle what has arrived, or the time that has passed."""
        raise NotImplementedError

    def stop(self) -> None:
        """End the thread, and with it everything it holds."""
        self._stopper.send(b"")
        self.join()
        self._stopper.close(linger=0)
        self.context.term()

    def __enter__(self) -> Agent:
        self.start()
        self.ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
