"""A coroutine per request, on pyzmq's asyncio sockets."""

import asyncio

import zmq
import zmq.asyncio

ENDPOINT = "tcp://127.0.0.1:5556"


async def serve(socket: zmq.asyncio.Socket) -> None:
    while True:
        name = await socket.recv_string()
        await socket.send_json({"hello": name})


async def greet(name: str) -> dict:
    context = zmq.asyncio.Context()
    with context.socket(zmq.REP) as server, context.socket(zmq.REQ) as client:
        server.bind(ENDPOINT)
        serving = asyncio.create_task(serve(server))
        client.connect(ENDPOINT)
        await client.send_string(name)
        answer = await client.recv_json()
        serving.cancel()
    context.term()
    return answer
