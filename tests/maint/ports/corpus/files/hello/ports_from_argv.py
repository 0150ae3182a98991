import sys

import zmq

port = "5556"
if len(sys.argv) > 1:
    port = sys.argv[1]
    int(port)

if len(sys.argv) > 2:
    port1 = sys.argv[2]
    int(port1)

context = zmq.Context()
socket = context.socket(zmq.PUB)
socket.bind("tcp://*:%s" % port)
other = context.socket(zmq.SUB)
other.connect("tcp://localhost:%s" % port)
if len(sys.argv) > 2:
    other.connect("tcp://localhost:%s" % port1)
