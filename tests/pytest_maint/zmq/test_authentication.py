"""CURVE over the fixtures: who is allowed is heard, and who is not is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import zmq

pytestmark = pytest.mark.zmq(leaks="error")
transports = pytest.mark.parametrize("transport", ["ipc", "tcp"])


@transports
def test_a_user_who_is_allowed_is_heard(zmq_curve: Any, transport: str) -> None:
    server = zmq_curve.server(transport=transport)
    zmq_curve.allow("alice")
    client = zmq_curve.client("alice")
    client.send(b"hello")
    assert server.recv() == b"hello"
    assert zmq_curve.was_allowed("alice")


@transports
def test_a_user_whom_nobody_allowed_is_not(zmq_curve: Any, transport: str) -> None:
    server = zmq_curve.server(transport=transport)
    zmq_curve.allow("alice", "mallory")
    zmq_curve.deny("mallory")
    zmq_curve.client("mallory").send(b"hello")
    assert not zmq_curve.was_allowed("mallory")
    assert server.poll(0) == 0


def test_a_client_with_a_wrong_server_key_never_gets_to_ask(zmq_curve: Any) -> None:
    server = zmq_curve.server()
    zmq_curve.allow("alice")
    client = server.context.socket(zmq.REQ)
    with client:
        keys = zmq_curve.keys("alice")
        client.curve_publickey, client.curve_secretkey = keys
        client.curve_serverkey = zmq_curve.keys("somebody else").public
        client.connect(server.last_endpoint.decode())
        client.send(b"hello", zmq.NOBLOCK)
        with pytest.raises(Exception, match="did not ask to be let in within"):
            zmq_curve.was_allowed("alice", timeout=0.05)


def test_keys_are_the_same_all_session(zmq_curve: Any) -> None:
    assert zmq_curve.keys("alice") == zmq_curve.keys("alice")
    assert zmq_curve.keys("alice") != zmq_curve.keys("bob")
    assert len(zmq_curve.server_key) == 40


def test_a_server_of_the_code_under_test_asks_as_well(zmq_curve: Any) -> None:
    with zmq.Context() as context, context.socket(zmq.PULL) as server:
        zmq_curve.authenticate(context)
        zmq_curve.secure(server).bind("tcp://127.0.0.1:*")
        zmq_curve.allow("alice")
        zmq_curve.client("alice", zmq.PUSH, endpoint=server.last_endpoint.decode()).send(b"x")
        assert server.recv() == b"x"
        zmq_curve.end()


@pytest.mark.asyncio
async def test_asyncio_servers_are_guarded_too(zmq_curve: Any) -> None:
    server = zmq_curve.server(aio=True)
    zmq_curve.allow("alice")
    await zmq_curve.client("alice", aio=True).send(b"x")
    assert await server.recv() == b"x"


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda curve: curve.server(transport="inproc"), "inproc ignores CURVE"),
        (lambda curve: curve.client("alice"), "there is no server to connect to"),
        (lambda curve: curve.allow(""), "a user needs a name"),
        (lambda curve: curve.server(transport="udp"), "give 'ipc' or 'tcp'"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(zmq_curve: Any, ask: Callable, told: str) -> None:
    with pytest.raises(Exception, match=told):
        ask(zmq_curve)
