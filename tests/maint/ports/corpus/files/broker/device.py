import zmq
from zmq.devices import ProcessDevice, ThreadProxy

front, back = 5565, 5566
device = ProcessDevice(zmq.QUEUE, zmq.XREP, zmq.XREQ)
device.bind_in("tcp://127.0.0.1:%d" % front)
device.bind_out("tcp://127.0.0.1:%d" % back)
device.start()

proxy = ThreadProxy(zmq.XSUB, zmq.XPUB, zmq.PUSH)
proxy.connect_in(f"tcp://localhost:{front}")
proxy.bind_out("tcp://*:5568")
proxy.bind_mon("tcp://127.0.0.1:5569")
