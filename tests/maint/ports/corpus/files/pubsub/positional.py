import zmq


class Server:
    def __init__(self, ip, port):
        self.ip = ip
        self.port = port

    def init(self):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.REP)
        self.socket.bind(f"tcp://{self.ip}:{self.port}")

    def receive(self):
        return self.socket.recv()


if __name__ == "__main__":
    server = Server("127.0.0.1", 5560)
    server.init()
