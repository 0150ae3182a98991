import zmq


class Node:
    def __init__(self, **kwargs):
        self.port = kwargs.get("port", 5620)
        self.host = kwargs.pop("host", "127.0.0.1")
        self.options = dict(hwm=10, control=5621)
        ctx = zmq.Context()
        self.rep = ctx.socket(zmq.REP)
        self.rep.bind("tcp://%s:%d" % (self.host, self.port))
        self.ctl = ctx.socket(zmq.REP)
        self.ctl.bind("tcp://*:{}".format(self.options["control"]))


def late(settings):
    port = getattr(settings, "PORT", 5622)
    sock = zmq.Context().socket(zmq.PUB)
    sock.bind(f"tcp://*:{port}")


def optional(port=None):
    if port is None:
        port = 5623
    sock = zmq.Context().socket(zmq.PUB)
    sock.bind(f"tcp://*:{port}")


def joined():
    sock = zmq.Context().socket(zmq.PUB)
    sock.bind("".join(["tcp://", "127.0.0.1", ":", "5624"]))
    walrus = zmq.Context().socket(zmq.PUB)
    if (number := 5625) > 0:
        walrus.bind(f"tcp://*:{number}")
