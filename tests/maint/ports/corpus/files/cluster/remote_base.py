import zmq

from cluster.inheritance import Base


class Remote(Base):
    def start(self):
        sock = zmq.Context().socket(zmq.PUB)
        sock.bind(f"tcp://*:{self.port}")
