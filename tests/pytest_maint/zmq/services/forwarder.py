"""pyzmq's own device in a thread, between two fixed ports."""

import zmq
import zmq.devices


def start() -> zmq.devices.ThreadDevice:
    device = zmq.devices.ThreadDevice(zmq.QUEUE, zmq.ROUTER, zmq.DEALER)
    device.bind_in("tcp://*:5559")
    device.bind_out("tcp://127.0.0.1:5560")
    device.setsockopt_in(zmq.LINGER, 0)
    device.setsockopt_out(zmq.LINGER, 0)
    device.daemon = True
    device.start()
    return device
