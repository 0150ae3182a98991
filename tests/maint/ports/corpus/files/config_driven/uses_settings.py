import zmq

from .pydantic_settings import Settings, settings

ctx = zmq.Context()
sub = ctx.socket(zmq.SUB)
sub.connect(f"tcp://localhost:{settings.events_port}")
req = ctx.socket(zmq.REQ)
req.connect(f"tcp://localhost:{Settings().rpc_port}")
