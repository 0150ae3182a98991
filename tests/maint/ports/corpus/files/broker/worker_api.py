import zmq


class Worker:
    broker = None

    def __init__(self, broker, service):
        self.broker = broker
        self.service = service
        self.ctx = zmq.Context()
        self.worker = None
        self.reconnect_to_broker()

    def reconnect_to_broker(self):
        if self.worker:
            self.worker.close()
        self.worker = self.ctx.socket(zmq.DEALER)
        self.worker.connect(self.broker)


def main():
    worker = Worker("tcp://localhost:5580", b"echo")


main()
