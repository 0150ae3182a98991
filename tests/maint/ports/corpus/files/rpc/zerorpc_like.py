import zmq
import zmq.green


class RpcServer(object):
    def __init__(self, methods, endpoint='tcp://0.0.0.0:4242'):
        self._methods = methods
        self._sock = zmq.green.Context().socket(zmq.ROUTER)
        self._sock.bind(endpoint)


def client(endpoint=None):
    endpoint = endpoint or 'tcp://127.0.0.1:4242'
    sock = zmq.green.Context().socket(zmq.DEALER)
    sock.connect(endpoint)
    return sock
