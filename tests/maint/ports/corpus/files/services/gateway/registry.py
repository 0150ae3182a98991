import zmq

from maint.ports import get_port

ctx = zmq.Context()
bus = ctx.socket(zmq.REP)
bus.bind(f"tcp://*:{get_port('HEALTH_BUS')}")
