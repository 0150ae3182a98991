import zmq

context = zmq.Context()
print("Connecting to tcp://localhost:5555")
socket = context.socket(zmq.REQ)
socket.connect("tcp://localhost:5555")
for request in range(10):
    socket.send(b"Hello")
    socket.recv()
