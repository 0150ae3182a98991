import zmq


class Feed:
    """The port comes from whoever makes it, in another project."""

    def __init__(self, port):
        self._socket = zmq.Context.instance().socket(zmq.XPUB)
        self._socket.bind(f"tcp://0.0.0.0:{port}")


def listen(context, url):
    pull = context.socket(zmq.PULL)
    pull.bind(url)
    return pull
