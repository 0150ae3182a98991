"""A server thread that keeps its port in an attribute, and formats its endpoint from it."""

import threading

import zmq


class EchoServer(threading.Thread):
    def __init__(self, host: str = "0.0.0.0", port: int = 5556) -> None:
        super().__init__(name="echo-server", daemon=True)
        self.host = host
        self.port = port
        self._stopping = threading.Event()

    def run(self) -> None:
        context = zmq.Context()
        socket = context.socket(zmq.REP)
        socket.bind(f"tcp://{self.host}:{self.port}")
        while not self._stopping.is_set():
            if socket.poll(20):
                socket.send(socket.recv())
        socket.close(linger=0)
        context.term()

    def stop(self) -> None:
        self._stopping.set()
        self.join()


class EchoClient:
    def __init__(self, host: str = "127.0.0.1", port: int = 5556) -> None:
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.REQ)
        self.socket.connect("tcp://%s:%d" % (host, port))  # noqa: UP031 - as such code is written

    def echo(self, message: bytes) -> bytes:
        self.socket.send(message)
        return self.socket.recv()

    def close(self) -> None:
        self.socket.close(linger=0)
        self.context.term()
