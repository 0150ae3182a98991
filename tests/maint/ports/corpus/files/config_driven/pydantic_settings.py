import zmq
from pydantic import Field
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    rpc_port: int = 6020
    events_port: int = Field(6021, ge=1024)
    feed: str = "tcp://*:6022"


settings = Settings()


def start():
    ctx = zmq.Context()
    rpc = ctx.socket(zmq.REP)
    rpc.bind(f"tcp://*:{settings.rpc_port}")
    events = ctx.socket(zmq.PUB)
    events.bind(f"tcp://*:{settings.events_port}")
    feed = ctx.socket(zmq.PUSH)
    feed.bind(settings.feed)
