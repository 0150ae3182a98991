import os
from os import environ, getenv

import zmq

PORT = int(os.environ.get("GATEWAY_PORT", 8790))
ctx = zmq.Context()
a = ctx.socket(zmq.REP)
a.bind(f"tcp://*:{PORT}")
b_sock = ctx.socket(zmq.PUB)
b_sock.bind("tcp://*:" + getenv("PUB_PORT", "8791"))
c_sock = ctx.socket(zmq.PUSH)
c_sock.bind("tcp://*:%s" % (environ.get("PUSH_PORT") or 8792))
d_sock = ctx.socket(zmq.PULL)
d_sock.bind("tcp://*:%s" % os.environ["PULL_PORT"])
URL = os.environ.get("UPSTREAM", "tcp://127.0.0.1:8793")
e_sock = ctx.socket(zmq.SUB)
e_sock.connect(URL)
if "EXTRA" in os.environ:
    f_sock = ctx.socket(zmq.REP)
    f_sock.bind(f"tcp://{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('EXTRA_PORT', default='8794')}")
