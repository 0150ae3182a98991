import zmq

CONFIG = {
    "zmq": {"router_port": 6001, "pub_port": 6002},
    "http": {"host": "0.0.0.0", "port": 6003},
}


class CommandLoop:
    def __init__(self, context):
        self.router = context.socket(zmq.ROUTER)
        self.router.bind(f"tcp://*:{CONFIG['zmq']['router_port']}")
        self.events = context.socket(zmq.PUB)
        self.events.bind("tcp://*:{}".format(CONFIG["zmq"]["pub_port"]))
        cfg = CONFIG["zmq"]
        self.again = context.socket(zmq.SUB)
        self.again.connect("tcp://localhost:{}".format(cfg["pub_port"]))
        self.maybe = context.socket(zmq.PULL)
        self.maybe.bind("tcp://*:{}".format(cfg.get("pull_port", 6004)))
