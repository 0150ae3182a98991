import zmq

DEFAULT_PORT = 4010


def endpoint(port, host="*"):
    return "tcp://%s:%s" % (host, port)


def make(ctx, kind, address, bind=True):
    socket = ctx.socket(kind)
    if bind:
        socket.bind(address)
    else:
        socket.connect(address)
    return socket


ctx = zmq.Context()
rep = ctx.socket(zmq.REP)
rep.bind(endpoint(DEFAULT_PORT))
pub = ctx.socket(zmq.PUB)
pub.bind(endpoint(4011, "127.0.0.1"))
req = ctx.socket(zmq.REQ)
req.connect(endpoint(port=4012, host="localhost"))
make(ctx, zmq.PUSH, "tcp://*:4013")
make(ctx, zmq.PULL, "tcp://localhost:4014", bind=False)
