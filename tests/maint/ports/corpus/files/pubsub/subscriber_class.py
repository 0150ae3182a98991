import zmq


class Subscriber(object):
    def __init__(self, hosts=("10.0.0.2", "10.0.0.3"), port=5558):
        self.ctx = zmq.Context()
        self.sub = self.ctx.socket(zmq.SUB)
        for host in hosts:
            self.sub.connect("tcp://%s:%s" % (host, port))
        self.sub.setsockopt_string(zmq.SUBSCRIBE, "")

    def listen(self):
        while True:
            yield self.sub.recv_json()
