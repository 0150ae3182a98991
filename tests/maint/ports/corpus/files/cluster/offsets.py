import os

import zmq


class Rank:
    BASE = 29600
    STEP = 10

    def __init__(self, rank: int, world: int = 2, base_port: int = 29500):
        self.rank = rank
        self.base = base_port
        self.send_port = self.base + 100
        self.recv_port = self.send_port + 1
        ctx = zmq.Context()
        self.sender = ctx.socket(zmq.PUSH)
        self.sender.bind(f"tcp://*:{self.send_port}")
        self.receiver = ctx.socket(zmq.PULL)
        self.receiver.bind(f"tcp://*:{self.recv_port}")
        self.mine = ctx.socket(zmq.REP)
        self.mine.bind(f"tcp://*:{Rank.BASE + Rank.STEP * rank}")
        self.control = ctx.socket(zmq.SUB)
        self.control.connect(f"tcp://{os.environ['MASTER']}:{self.BASE + 5}")


def local_rank(rank):
    sock = zmq.Context().socket(zmq.REP)
    port = int(os.environ.get("BASE_PORT", 29700)) + 2
    sock.bind("tcp://*:%d" % port)
    return sock
