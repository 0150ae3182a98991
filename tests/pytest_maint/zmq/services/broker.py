"""A load-balancing broker: clients on one ROUTER, workers that say READY on another."""

import threading

import zmq

CLIENTS = "tcp://*:5555"
WORKERS = "tcp://*:5556"
READY = b"READY"


class Broker(threading.Thread):
    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.context = zmq.Context.instance()
        self.stopping = False

    def run(self) -> None:
        clients = self.context.socket(zmq.ROUTER)
        clients.bind(CLIENTS)
        workers = self.context.socket(zmq.ROUTER)
        workers.bind(WORKERS)
        idle: list[bytes] = []
        poller = zmq.Poller()
        poller.register(workers, zmq.POLLIN)
        poller.register(clients, zmq.POLLIN)
        while not self.stopping:
            events = dict(poller.poll(20))
            if workers in events:
                worker, _, *rest = workers.recv_multipart()
                idle.append(worker)
                if rest != [READY]:
                    clients.send_multipart(rest)
            if clients in events and idle:
                workers.send_multipart([idle.pop(0), b"", *clients.recv_multipart()])
        clients.close(0)
        workers.close(0)


class Worker(threading.Thread):
    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.stopping = False

    def run(self) -> None:
        context = zmq.Context.instance()
        socket = context.socket(zmq.REQ)
        socket.setsockopt(zmq.IDENTITY, self.name.encode())
        socket.connect("tcp://127.0.0.1:5556")
        socket.send(READY)
        while not self.stopping:
            if socket.poll(20):
                client, _, task = socket.recv_multipart()
                socket.send_multipart([client, b"", b"done " + task])
        socket.close(0)
