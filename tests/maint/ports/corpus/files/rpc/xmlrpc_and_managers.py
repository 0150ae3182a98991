import xmlrpc.client
from multiprocessing.connection import Client, Listener
from multiprocessing.managers import BaseManager
from xmlrpc.server import SimpleXMLRPCServer

address = ("localhost", 6100)


def serve():
    with Listener(address, authkey=b"k") as listener:
        listener.accept()
    server = SimpleXMLRPCServer(("localhost", 6101))
    manager = BaseManager(address=("", 6102), authkey=b"k")
    return server, manager


def ask():
    proxy = xmlrpc.client.ServerProxy("http://localhost:6101/")
    with Client(address, authkey=b"k") as conn:
        conn.send(1)
    return proxy
