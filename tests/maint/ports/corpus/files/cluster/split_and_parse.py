from urllib.parse import urlparse

import zmq

ADDRESS = "localhost:4030"
host, port = ADDRESS.split(":")
sock = zmq.Context().socket(zmq.REP)
sock.bind(f"tcp://*:{port}")
parsed = urlparse("tcp://127.0.0.1:4031")
other = zmq.Context().socket(zmq.REP)
other.bind(f"tcp://*:{parsed.port}")
replaced = "tcp://localhost:4032".replace("localhost", "*")
third = zmq.Context().socket(zmq.REP)
third.bind(replaced)
