import zmq


class ZmqHost:
    def __init__(self, zmq_context, zmq_type, port):
        self.connection = zmq_context.socket(zmq_type)
        address = "tcp://*" + ":" + str(port)
        self.connection.bind(address)
        self.port = port


def start(ctx):
    return [ZmqHost(ctx, zmq.PUB, 5611), ZmqHost(ctx, zmq.REP, port=5612)]
