import zmq
import zmq.auth
from zmq.auth.thread import ThreadAuthenticator

ctx = zmq.Context.instance()
auth = ThreadAuthenticator(ctx)
server = ctx.socket(zmq.PUSH)
server.curve_server = True
server.bind("tcp://*:9000")
client = ctx.socket(zmq.PULL)
client.connect("tcp://127.0.0.1:9000")
six = ctx.socket(zmq.REP)
six.setsockopt(zmq.IPV6, 1)
six.bind("tcp://[::1]:9001")
eth = ctx.socket(zmq.REP)
eth.bind("tcp://eth0:9002")
mcast = ctx.socket(zmq.PUB)
mcast.connect("epgm://eth0;239.192.1.1:5670")
source = ctx.socket(zmq.SUB)
source.connect("tcp://192.168.1.17:5671;192.168.1.1:5672")
