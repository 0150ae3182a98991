import zmq


def publish(port=5561):
    with zmq.Context() as ctx:
        with ctx.socket(zmq.PUB) as pub:
            pub.linger = 0
            pub.bind(f"tcp://127.0.0.1:{port}")
            pub.send(b"x")


def collect():
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.SUB) as sub:
        pull.bind("tcp://127.0.0.1:5562")
        sub.connect("tcp://127.0.0.1:5561")
        sub.subscribe(b"")
