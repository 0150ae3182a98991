"""Ten services with fixed ports, several of them the same; ``test_services`` runs this file."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import asyncio_server
import broker
import collector
import directory
import forwarder
import global_context
import heartbeat
import port_attribute
import process_worker
import pytest
import zmq

# A port that another program has must not keep this suite waiting.
pytestmark = [pytest.mark.zmq(timeout=5)]
if "SERVICES_REMAP" in os.environ:
    pytestmark.append(pytest.mark.usefixtures("zmq_remap"))


@pytest.fixture
def context():
    with zmq.Context() as context:
        context.setsockopt(zmq.LINGER, 0)
        yield context


def test_global_context(look):
    assert global_context.ask(b"hello") == b"HELLO"
    with global_context.context.socket(zmq.REP) as server:
        server.bind("tcp://*:5556")
        look()


def test_port_attribute(look):
    server = port_attribute.EchoServer()
    server.start()
    client = port_attribute.EchoClient()
    assert client.echo(b"hello") == b"hello"
    look()
    client.close()
    server.stop()


def test_asyncio(look, monkeypatch):
    serve = asyncio_server.serve

    async def looked_at(socket):
        look()
        await serve(socket)

    monkeypatch.setattr(asyncio_server, "serve", looked_at)
    assert asyncio.run(asyncio_server.greet("you")) == {"hello": "you"}


def test_collector(look, context):
    service = collector.Collector()
    service.start()
    with context.socket(zmq.PUSH) as jobs, context.socket(zmq.SUB) as results:
        results.subscribe("result")
        results.connect("tcp://127.0.0.1:5558")
        jobs.connect("tcp://127.0.0.1:5557")
        while not results.poll(20):  # until the subscription has arrived
            jobs.send(b"abc")
        assert results.recv_multipart() == [b"result", b"cba"]
        look()
    service.stop()


def test_forwarder(look, context):
    forwarder.start()
    with context.socket(zmq.REQ) as client, context.socket(zmq.REP) as server:
        client.connect("tcp://localhost:5559")
        server.connect("tcp://localhost:5560")
        client.send(b"ping")
        assert server.recv() == b"ping"
        server.send(b"pong")
        assert client.recv() == b"pong"
        look()


def test_broker(look, context):
    threads = [broker.Broker(), broker.Worker("one"), broker.Worker("two")]
    for thread in threads:
        thread.start()
    with context.socket(zmq.REQ) as client:
        client.connect("tcp://localhost:5555")
        for number in range(4):
            client.send(b"%d" % number)
            assert client.recv() == b"done %d" % number
        look()
    for thread in threads:
        thread.stopping = True
        thread.join()


def test_heartbeat(look):
    with heartbeat.Heartbeat():
        assert heartbeat.first_beat().startswith("heartbeat ")
        look()


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_process_worker(look, method):
    assert process_worker.squares([1, 2, 3], method, look) == [1, 4, 9]


@pytest.fixture
def daemon():
    with subprocess.Popen([sys.executable, Path(__file__).with_name("daemon.py")]) as daemon:
        yield daemon
        daemon.kill()


def test_daemon(look, context, daemon):
    with context.socket(zmq.REQ) as client:
        client.connect("tcp://localhost:5564")
        client.send_string("status")
        assert client.recv_string() == "status: ok"
        look()
        client.send_string("stop")
        assert client.recv_string() == "bye"
    assert daemon.wait() == 0


def test_directory(look, context):
    service = directory.Directory(context)
    with context.socket(zmq.REQ) as client, context.socket(zmq.PAIR) as data:
        client.connect("tcp://localhost:5565")
        client.send(b"where")
        endpoint = client.recv_string()
        assert endpoint == f"tcp://127.0.0.1:{service.data_port}"
        data.connect(endpoint)
        assert data.recv() == b"data"
        look()
    service.close()
