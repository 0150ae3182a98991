import zmq


def bind_with_retry(sock, start=5630, tries=3):
    for port in range(start, start + tries):
        try:
            sock.bind(f"tcp://*:{port}")
            return port
        except zmq.ZMQError:
            continue
    raise RuntimeError("no port")


def mapped(ports):
    sock = zmq.Context().socket(zmq.REP)
    list(map(sock.bind, [f"tcp://*:{p}" for p in ports]))
    sock.bind(**{"addr": "tcp://*:5633"})
    getattr(sock, "bind")("tcp://*:5634")
    binder = sock.bind
    binder("tcp://*:5635")
