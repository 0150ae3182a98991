import threading
import time

import zmq

IMU_PORT, LIDAR_PORT = 5650, 5651
ROBOT = "192.168.1.10"
TOPICS = [("imu", IMU_PORT), ("lidar", LIDAR_PORT)]


class Sensor(threading.Thread):
    def __init__(self, name, port):
        threading.Thread.__init__(self, daemon=True)
        self.topic = name
        self.port = port
        self.pub = None

    def run(self):
        self.pub = zmq.Context.instance().socket(zmq.PUB)
        self.pub.setsockopt(zmq.SNDHWM, 1)
        self.pub.bind(f"tcp://*:{self.port}")
        while True:
            self.pub.send_string(self.topic)
            time.sleep(0.1)


class Viewer:
    def __init__(self):
        ctx = zmq.Context()
        self.subs = {}
        for topic, port in TOPICS:
            sub = ctx.socket(zmq.SUB)
            sub.connect(f"tcp://{ROBOT}:{port}")
            self.subs[topic] = sub


if __name__ == "__main__":
    sensors = [Sensor(name, port) for name, port in TOPICS]
