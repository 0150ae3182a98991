"""The redirect by itself: with files instead of abstract sockets, and over many processes at once."""

import multiprocessing
import subprocess
import sys

import pytest
import zmq

from pytest_maint.zmq.remap.channel import Channel, Inherited
from pytest_maint.zmq.remap.ledger import Ledger, Options
from pytest_maint.zmq.remap.redirecting import Redirect

RACE = """
import zmq
with zmq.Context() as context, context.socket(zmq.REP) as server:
    try:
        server.bind("tcp://*:5556")
    except zmq.ZMQError as error:
        print(error.errno)
    else:
        print("bound", flush=True)
        input()
"""


@pytest.fixture(params=[False, True], ids=["folder", "memory"])
def redirect(request):
    if request.param and sys.platform != "linux":
        pytest.skip("memory files and abstract sockets are Linux's")
    channel = Channel(in_memory=request.param)
    environment = Inherited(channel.address)
    ledger = Ledger(channel.address)
    options = Options(channel.next_test(), "ipc")
    ledger.choose(options)
    redirect = Redirect(ledger, options)
    redirect.install(zmq.Socket)
    yield redirect
    redirect.uninstall()
    environment.end()
    channel.close()


@pytest.fixture
def context():
    with zmq.Context() as context:
        context.setsockopt(zmq.LINGER, 0)
        context.setsockopt(zmq.RCVTIMEO, 5000)
        yield context


def test_the_class_is_left_as_it_was_found():
    before = dict(vars(zmq.Socket))
    channel = Channel()
    redirect = Redirect(Ledger(channel.address), Options(1, "ipc"))
    redirect.install(zmq.Socket)
    assert dict(vars(zmq.Socket)) != before
    redirect.uninstall()
    channel.close()
    assert dict(vars(zmq.Socket)) == before


def test_a_path_fits_into_a_socket_address(redirect):
    assert len(redirect.real(65535).removeprefix("ipc://").encode()) <= 103


def test_a_server_restarts_on_its_port(redirect, context):
    with context.socket(zmq.DEALER) as client:
        client.connect("tcp://localhost:5556")
        for _ in range(5):
            with context.socket(zmq.ROUTER) as server:
                server.bind("tcp://*:5556")
                client.send(b"hello")
                while not server.poll(20):  # the first may have gone to the server that was closed
                    client.send(b"hello")


def test_of_processes_that_race_for_a_port_one_gets_it(redirect):
    racing = [
        subprocess.Popen([sys.executable, "-c", RACE], stdin=-1, stdout=-1, text=True) for _ in range(3)
    ]
    first = [each.stdout.readline().strip() for each in racing]
    for each in racing:
        each.communicate("\n")
    assert sorted(first) == ["98", "98", "bound"]
    assert redirect.ledger.holder(redirect.options.test, 5556) is None


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # from Python 3.12 on, for libzmq's threads
def test_a_child_of_fork_does_not_give_back_what_its_parent_has(redirect, context):
    with context.socket(zmq.REP) as server:
        server.bind("tcp://*:5556")
        child = multiprocessing.get_context("fork").Process(target=server.close)
        child.start()
        child.join()
        assert redirect.ledger.holder(redirect.options.test, 5556) is not None


def test_what_is_no_address_redirects_nothing(redirect, context, monkeypatch):
    monkeypatch.setenv("MAINT_ZMQ_REMAP", "nonsense")
    code = (
        "import zmq\nwith zmq.Context() as c, c.socket(zmq.REP) as s:\n"
        " s.bind('tcp://127.0.0.9:*'); print(s.last_endpoint[:16])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "b'tcp://127.0.0.9:'\n"
