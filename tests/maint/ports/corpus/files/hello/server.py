"""Greets whoever asks on tcp://*:5555."""
import time

import zmq

context = zmq.Context()
socket = context.socket(zmq.REP)
socket.bind("tcp://*:5555")

while True:
    message = socket.recv()
    time.sleep(1)
    socket.send(b"World")
