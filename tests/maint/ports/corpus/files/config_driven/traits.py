import zmq
from traitlets import Int, Unicode
from traitlets.config import Configurable


class Hub(Configurable):
    ip = Unicode("127.0.0.1").tag(config=True)
    port = Int(6040, config=True)
    notify = Int(6041, help="notifications").tag(config=True)

    def start(self):
        self.sock = zmq.Context().socket(zmq.ROUTER)
        self.sock.bind("tcp://%s:%i" % (self.ip, self.port))
        self.pub = zmq.Context().socket(zmq.PUB)
        self.pub.bind("tcp://%s:%i" % (self.ip, self.notify))
