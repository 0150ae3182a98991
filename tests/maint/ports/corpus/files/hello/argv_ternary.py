import sys
import zmq

port = int(sys.argv[1]) if len(sys.argv) > 1 else 5567
host = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1"
ctx = zmq.Context.instance()
rep = ctx.socket(zmq.REP)
rep.bind("tcp://{}:{}".format(host, port))
required = ctx.socket(zmq.REP)
required.bind("tcp://*:" + sys.argv[3])
