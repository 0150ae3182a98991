import asyncio

import zmq
import zmq.asyncio
from zmq.asyncio import Context

CONTROL = "tcp://127.0.0.1:5570"
DATA_PORT = 5571


async def controller() -> None:
    ctx = Context.instance()
    rep = ctx.socket(zmq.REP)
    rep.bind(CONTROL)
    push = ctx.socket(zmq.PUSH)
    push.bind(f"tcp://*:{DATA_PORT}")
    while True:
        await rep.send(await rep.recv())


async def worker(name: str) -> None:
    ctx = zmq.asyncio.Context()
    req = ctx.socket(zmq.REQ)
    req.connect(CONTROL)
    pull = ctx.socket(zmq.PULL)
    pull.connect(f"tcp://localhost:{DATA_PORT}")
    await req.send_string(name)


asyncio.run(controller())
