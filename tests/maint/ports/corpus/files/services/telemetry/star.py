from multiprocessing import Process

import zmq

from services.ports import *


def server():
    context = zmq.Context()
    socket = context.socket(zmq.PUB)
    socket.bind(f"tcp://*:{TELEMETRY}")


Process(target=server).start()
