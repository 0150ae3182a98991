import argparse

import zmq

import services.ports as table


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-p", "--port", type=int, default=8770, help="where to listen")
    parser.add_argument("--backend-port", dest="backend", type=int, default=8771)
    parser.add_argument("--peer", default="tcp://gateway-2:8770")
    parser.add_argument("--admin", type=int, required=True)
    return parser.parse_args()


def serve(args):
    ctx = zmq.Context.instance()
    frontend = ctx.socket(zmq.ROUTER)
    frontend.bind(f"tcp://*:{args.port}")
    backend = ctx.socket(zmq.DEALER)
    backend.bind("tcp://*:{}".format(args.backend))
    admin = ctx.socket(zmq.REP)
    admin.bind(f"tcp://127.0.0.1:{args.admin}")
    peer = ctx.socket(zmq.DEALER)
    peer.connect(args.peer)
    up = ctx.socket(zmq.REQ)
    up.connect(f"tcp://localhost:{table.Defaults.HEARTBEAT}")
    zmq.proxy(frontend, backend)


serve(parse_arguments())
