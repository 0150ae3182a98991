import zmq


class Base:
    port = 4000
    kind = zmq.REP

    def __init__(self, host="0.0.0.0"):
        self.host = host
        self.socket = zmq.Context.instance().socket(self.kind)

    @property
    def url(self):
        return f"tcp://{self.host}:{self.port}"


class Echo(Base):
    port = 4001

    def start(self):
        self.socket.bind(f"tcp://{self.host}:{self.port}")


class Plain(Base):
    def start(self):
        self.socket.bind(f"tcp://*:{self.port}")


class ByUrl(Base):
    port = 4002

    def start(self):
        self.socket.bind(self.url)


class Told(Base):
    def __init__(self, port, **kwargs):
        super().__init__(**kwargs)
        self.port = port

    def start(self):
        self.socket.bind(f"tcp://*:{self.port}")


class ToldTwice(Told):
    def __init__(self):
        super().__init__(port=4003)
