import sys
import zmq

port = "5601"

context = zmq.Context()
print "starting on", port
socket = context.socket(zmq.REP)
try:
    socket.bind("tcp://*:%s" % port)
except zmq.ZMQError, e:
    print e
    sys.exit(1)

while True:
    message = socket.recv()
    print "Received request: ", message
    socket.send("World from %s" % port)
