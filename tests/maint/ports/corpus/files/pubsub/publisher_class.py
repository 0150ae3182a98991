import json
import logging
import time

import zmq

log = logging.getLogger(__name__)


class Publisher:
    """Sends measurements to whoever listens."""

    def __init__(self, port: int = 5558, host: str = "*"):
        self.port = port
        self.host = host
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.PUB)
        self.endpoint = "tcp://{}:{}".format(self.host, self.port)
        self.socket.bind(self.endpoint)
        log.info("bound to %s", self.endpoint)

    def send(self, topic, payload):
        self.socket.send_multipart([topic.encode(), json.dumps(payload).encode()])


if __name__ == "__main__":
    publisher = Publisher()
    while True:
        publisher.send("beat", {"t": time.time()})
        time.sleep(1)
