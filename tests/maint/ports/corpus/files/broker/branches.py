import platform

import zmq

ctx = zmq.Context()
if platform.system() == "Windows":
    endpoint = "tcp://127.0.0.1:5595"
else:
    endpoint = "ipc:///tmp/engine.sock"
engine = ctx.socket(zmq.REP)
engine.bind(endpoint)

debug = False
port = 5596 if debug else 5597
log = ctx.socket(zmq.PUB)
log.bind(f"tcp://*:{port}")

port = 5598
first = ctx.socket(zmq.PUSH)
first.bind("tcp://*:%d" % port)
port = 5599
second = ctx.socket(zmq.PUSH)
second.bind("tcp://*:%d" % port)
port += 1
third = ctx.socket(zmq.PUSH)
third.bind("tcp://*:%d" % port)
