import configparser

import zmq

config = configparser.ConfigParser()
config.read("bus.ini")
port = config.getint("bus", "port", fallback=6030)
ctx = zmq.Context()
rep = ctx.socket(zmq.REP)
rep.bind(f"tcp://*:{port}")
raw = ctx.socket(zmq.PULL)
raw.bind("tcp://*:" + config["bus"]["raw"])
