"""The client behind a proxy that loses, repeats and delays what passes."""

from __future__ import annotations

import threading

import pytest
import zmq

from agents.client import Client, NoAnswer
from agents.messages import Task, solve
from pytest_maint.zmq.proxying import FaultProxies


@pytest.fixture
def served(zmq_fault_proxy: FaultProxies, zmq_pair):
    """A proxy in front of a server that knows the answers."""
    proxy = zmq_fault_proxy(front=zmq.ROUTER, back=zmq.DEALER, seed=7)
    stop, stopped = zmq_pair()

    def serve() -> None:
        with zmq.Context() as context, context.socket(zmq.REP) as server:
            server.connect(proxy.back)
            poller = zmq.Poller()
            poller.register(server, zmq.POLLIN)
            poller.register(stopped, zmq.POLLIN)
            while stopped not in (events := dict(poller.poll())):
                if server in events:
                    server.send(solve(server.recv()))

    thread = threading.Thread(target=serve)
    thread.start()
    yield proxy
    stop.send(b"")
    thread.join()


def test_lost_requests_are_asked_again(served) -> None:
    served.drop(every=2, direction="to_back")
    with Client(served.front, retry_ms=50, tries=10) as client:
        assert [client.count_words(Task(number, "a b")).words for number in range(1, 6)] == [2] * 5
    assert any("drop" in str(entry) for entry in served.log)


def test_repeated_replies_do_not_confuse_the_next_question(served) -> None:
    served.duplicate(every=1, direction="to_front")
    with Client(served.front) as client:
        ids = [client.count_words(Task(number, "")).id for number in range(1, 11)]
    assert ids == list(range(1, 11))


def test_a_partition_is_an_error_that_heals(served) -> None:
    with Client(served.front, retry_ms=20, tries=2) as client:
        served.partition("back")
        with pytest.raises(NoAnswer):
            client.count_words(Task(1, "a"))
        served.heal()
        client.retry_ms, client.tries = 500, 4
        assert client.count_words(Task(2, "a")).words == 1
