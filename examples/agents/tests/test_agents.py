"""The whole system at its hard-coded tcp ports, none of which is opened."""

from __future__ import annotations

import socket
from contextlib import ExitStack

import pytest
import zmq

from agents.broker import Broker
from agents.client import Client, NoAnswer
from agents.health import WATCH_PORT, HealthBus
from agents.messages import Heartbeat, Task
from agents.worker import Worker
from pytest_maint.zmq.remapping import Remap
from pytest_maint.zmq.strategies import decode


@pytest.fixture
def system(zmq_remap: Remap):
    """A broker, a health bus and two workers."""
    with ExitStack() as stack:
        bus = stack.enter_context(HealthBus())
        stack.enter_context(Broker())
        for name in ("one", "two"):
            stack.enter_context(Worker(name))
        yield bus


def test_tasks_are_done(system, listening) -> None:
    with Client() as client:
        results = [client.count_words(Task(number, "to be or not")) for number in range(1, 11)]
        assert listening() == []
    assert [(each.id, each.words) for each in results] == [(number, 4) for number in range(1, 11)]


def test_a_watcher_hears_of_every_worker(system, listening) -> None:
    with zmq.Context() as context, context.socket(zmq.SUB) as watcher:
        watcher.subscribe("health.")
        watcher.connect(f"tcp://localhost:{WATCH_PORT}")
        heard = set()
        while heard != {"one", "two"}:
            _, beat = watcher.recv_multipart()
            heard.add(decode([beat], Heartbeat).worker)
        assert listening() == []


def test_the_ports_are_those_of_the_manual(system, zmq_remap: Remap) -> None:
    bound = {each.port for each in zmq_remap.endpoints() if each.role == "bind"}
    assert bound == {5555, 5556, 5557, 5558}


def test_the_list_of_listeners_can_be_other_than_empty(listening) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert listening() == [server.getsockname()[1]]


def test_a_worker_that_crashed_comes_back_under_its_name(zmq_remap: Remap) -> None:
    with HealthBus(), Broker(), Client(retry_ms=300) as client:
        with Worker("one"):
            assert client.count_words(Task(1, "a b")).words == 2
        with Worker("one"):
            assert client.count_words(Task(2, "a b c")).words == 3


def test_without_workers_the_client_gives_up(zmq_remap: Remap) -> None:
    with Broker(), Client(retry_ms=10, tries=2) as client, pytest.raises(NoAnswer, match="2 tries, 10 ms"):
        client.count_words(Task(1, ""))
