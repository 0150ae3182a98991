import logging

import zmq


class MajorDomoBroker(object):
    ctx = None
    socket = None

    def __init__(self, verbose=False):
        self.verbose = verbose
        self.ctx = zmq.Context()
        self.socket = self.ctx.socket(zmq.ROUTER)
        self.socket.linger = 0

    def bind(self, endpoint):
        """Can be called several times."""
        self.socket.bind(endpoint)
        logging.info("I: broker is active at %s", endpoint)


def main():
    broker = MajorDomoBroker("-v")
    broker.bind("tcp://*:5580")


if __name__ == "__main__":
    main()
