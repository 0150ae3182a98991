"""A heartbeat that is published for as long as the service lives."""

import threading

import zmq


class Heartbeat:
    def __init__(self, interval: float = 0.01) -> None:
        self._interval = interval
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _beat(self) -> None:
        with zmq.Context() as context, context.socket(zmq.PUB) as socket:
            socket.setsockopt(zmq.LINGER, 0)
            socket.bind("tcp://localhost:5561")
            count = 0
            while not self._stopping.wait(self._interval):
                socket.send_string(f"heartbeat {count}")
                count += 1


def first_beat() -> str:
    with zmq.Context() as context, context.socket(zmq.SUB) as socket:
        socket.subscribe("heartbeat")
        socket.connect("tcp://localhost:5561")
        return socket.recv_string()
