"""Who may ask the broker when it asks for keys."""

from __future__ import annotations

from agents.messages import Result, Task, solve
from pytest_maint.zmq.authentication import Curve
from pytest_maint.zmq.strategies import decode, encode


def test_a_known_client_is_answered_and_another_is_not(zmq_curve: Curve) -> None:
    zmq_curve.allow("alice")
    server = zmq_curve.server()
    alice, mallory = zmq_curve.client("alice"), zmq_curve.client("mallory")
    mallory.send_multipart(encode(Task(1, "let me in")))
    alice.send_multipart(encode(Task(2, "it is me")))
    server.send(solve(server.recv()))
    assert decode(alice.recv_multipart(), Result) == Result(2, 3)
    assert not zmq_curve.was_allowed("mallory")
    assert not server.poll(0)
