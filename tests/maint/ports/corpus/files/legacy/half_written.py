import zmq


def broken(:
    pass


class Node:
    PORT = 5604

    def run(self):
        sock = zmq.Context().socket(zmq.PULL)
        sock.bind(f"tcp://*:{self.PORT}")
        sock.recv(
