"""Services that live longer than a test: what their threads create, and how long they may be idle."""

from __future__ import annotations

from collections.abc import Callable

LAZY = """
import threading
import pytest
import zmq

pytestmark = pytest.mark.zmq(leaks="error")

@pytest.fixture(scope="module")
def service():
    go, ready, stop = threading.Event(), threading.Event(), threading.Event()

    def serve():
        go.wait()
        context = zmq.Context()
        with context, context.socket(zmq.REP) as rep:
            rep.bind("tcp://127.0.0.1:*")
            endpoints.append(rep.last_endpoint.decode())
            ready.set()
            stop.wait()

    endpoints = []
    thread = threading.Thread(target=serve)
    thread.start()
    yield go, ready
    stop.set()
    thread.join()

def test_starts_it(service):
    go, ready = service
    go.set()
    ready.wait()

def test_comes_later(service):
    pass
"""
IDLE = """
import threading
import pytest
import zmq

pytestmark = pytest.mark.zmq(leaks="error", timeout=0.1)

@pytest.fixture(scope="module")
def service():
    context = zmq.Context()
    rep = context.socket(zmq.REP)
    rep.bind("inproc://echo")

    def serve():
        try:
            while True:
                {wait}
                rep.send(rep.recv())
        except zmq.ContextTerminated:
            rep.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield context
    context.term()
    thread.join()

def ask(context):
    with context.socket(zmq.REQ) as req:
        req.rcvtimeo = 5000
        req.connect("inproc://echo")
        req.send(b"a")
        return req.recv()

def test_first(service):
    assert ask(service) == b"a"

def test_that_leaves_it_idle(zmq_pair):
    for _ in range(3):
        with pytest.raises(zmq.Again):
            zmq_pair()[0].recv()

def test_last(service):
    assert ask(service) == b"a"
"""
JOINED = """
import threading
import pytest
import zmq

pytestmark = pytest.mark.zmq(timeout=0.1)

@pytest.fixture(scope="module")
def service():
    context = zmq.Context()
    pull = context.socket(zmq.PULL)
    pull.bind("inproc://nobody")
    done = []

    def serve():
        try:
            pull.recv()
        except zmq.Again:
            done.append(True)

    thread = threading.Thread(target=serve)
    thread.start()
    yield
    thread.join()  # before anything wakes it
    pull.close()
    context.term()
    assert done

def test_it(service):
    pass
"""


def test_what_the_thread_of_a_wider_fixture_creates_is_no_leak_of_a_test(session: Callable) -> None:
    result = session(LAZY)
    assert result.code == 0, result.output
    assert "2 passed" in result.output


def test_a_thread_of_a_wider_fixture_that_closes_nothing_is_told_with_its_fixture(session: Callable) -> None:
    result = session(
        LAZY.replace(
            "with context, context.socket(zmq.REP) as rep:",
            "rep = context.socket(3)\n        if kept.append(rep) is None:",
        )
        .replace("endpoints = []", "endpoints = []")
        .replace("@pytest.fixture", "kept = []\n\n@pytest.fixture")
    )
    assert result.code == 1, result.output
    assert "was not closed by fixture 'service' of scope module" in result.output
    assert result.codes("test_starts_it") == []


def test_a_service_that_is_idle_for_longer_than_the_time_out_goes_on(session: Callable) -> None:
    result = session(IDLE.replace("{wait}", "pass"), "-W", "error")
    assert result.code == 0, result.output


def test_a_service_that_polls_without_a_limit_goes_on_as_well(session: Callable) -> None:
    result = session(IDLE.replace("{wait}", "rep.poll()"), "-W", "error")
    assert result.code == 0, result.output


def test_a_teardown_that_joins_an_idle_service_does_not_hang(session: Callable) -> None:
    result = session(JOINED, timeout=30)
    assert result.code == 0, result.output


LATER = """
import pytest
import zmq

pytestmark = pytest.mark.zmq(leaks="error")

class Client:
    def __init__(self):
        self.sockets = {}

    def socket(self):
        if not self.sockets:
            self.context = zmq.Context()
            self.sockets["only"] = self.context.socket(zmq.PUSH)
        return self.sockets["only"]

    def close(self):
        CLOSE

@pytest.fixture(scope="module")
def client():
    client = Client()
    yield client
    client.close()

def test_first_use(client):
    client.socket()

def test_leak_of_its_own(client):
    global left
    left = client.context.socket(zmq.PULL)

def test_later_use(client):
    client.socket()
    left.close()
"""


def test_what_a_wider_fixture_holds_is_its_own_to_close(session: Callable) -> None:
    result = session(LATER.replace("CLOSE", "self.context.destroy()"))
    told = {name: result.codes(name) for name in ("test_first_use", "test_leak_of_its_own", "test_later_use")}
    assert told == {"test_first_use": [], "test_leak_of_its_own": ["ZMQ001"], "test_later_use": []}


def test_what_a_wider_fixture_holds_and_does_not_close_is_told(session: Callable) -> None:
    result = session(LATER.replace("CLOSE", "pass"))
    assert "PUSH of test_it.py:14 was not closed by fixture 'client' of scope module" in result.output


LINGERING = """
import pytest
import zmq

@pytest.mark.zmq
def test_it():
    context = zmq.Context()
    with context.socket(zmq.PUSH) as push:
        LIMIT
        push.connect("tcp://127.0.0.1:9")
        push.send(b"never read")
    context.term()
"""


def test_a_context_that_waits_as_long_as_its_code_said_is_no_finding(session: Callable) -> None:
    result = session(LINGERING.replace("LIMIT", "push.linger = 1000"))
    assert (result.code, result.findings) == (0, {}), result.output


def test_a_context_that_would_wait_for_ever_is_one(session: Callable) -> None:
    assert session(LINGERING.replace("LIMIT", "pass")).codes("test_it") == ["ZMQ002"]
