import socket
import sqlite3


class Client:
    def __init__(self, server=("localhost", 9009)):
        self.server = server
        self.db = sqlite3.connect("state.db")

    def open(self):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.sock.connect(self.server)
        status = self.sock.connect_ex(("localhost", 9010))
        again = socket.create_connection(("localhost", 9011), timeout=2)
        local = socket.socket(socket.AF_UNIX)
        local.connect("/run/thing.sock")
        return status, again


def listener():
    return socket.create_server(("0.0.0.0", 9012), reuse_port=True)
