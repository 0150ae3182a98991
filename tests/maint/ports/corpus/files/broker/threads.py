import threading
from multiprocessing import Process

import zmq


def server(port="5590"):
    socket = zmq.Context().socket(zmq.PAIR)
    socket.bind("tcp://*:%s" % port)


def client(ports=["5593"]):
    socket = zmq.Context().socket(zmq.PAIR)
    for port in ports:
        socket.connect("tcp://localhost:%s" % port)


def pull(url, number):
    s = zmq.Context().socket(zmq.PULL)
    s.bind(url)


server_ports = ["5591", "5592"]
for server_port in server_ports:
    Process(target=server, args=(server_port,)).start()
Process(target=client, args=(server_ports,)).start()
threading.Thread(target=pull, args=("tcp://*:5594", 1), daemon=True).start()
