"""A directory on a fixed port, which tells clients the port that the system chose for the data."""

import threading

import zmq


class Directory:
    def __init__(self, context: zmq.Context) -> None:
        self._data = context.socket(zmq.PAIR)
        self.data_port = self._data.bind_to_random_port("tcp://127.0.0.1")
        self._lookup = context.socket(zmq.REP)
        self._lookup.bind("tcp://*:5565")
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self._thread.start()

    def _answer(self) -> None:
        self._lookup.recv()
        self._lookup.send_string(self._data.getsockopt(zmq.LAST_ENDPOINT).decode())
        self._data.send(b"data")

    def close(self) -> None:
        self._thread.join()
        self._lookup.close()
        self._data.close()
