"""A script grown into a module: one context for all, endpoints where they are used."""

import zmq

context = zmq.Context()


def ask(question: bytes) -> bytes:
    server = context.socket(zmq.REP)
    server.bind("tcp://*:5556")
    client = context.socket(zmq.REQ)
    client.connect("tcp://localhost:5556")
    try:
        client.send(question)
        server.send(server.recv().upper())
        return client.recv()
    finally:
        client.close()
        server.close()
