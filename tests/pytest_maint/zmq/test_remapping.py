"""``zmq_remap`` as a test sees it: tcp in what the code says and hears, ipc underneath."""

import asyncio
import errno
import socket as sockets
import threading

import pytest
import zmq
import zmq.asyncio
from zmq.utils.monitor import recv_monitor_message

from maint.errors import MaintError


@pytest.fixture
def context():
    with zmq.Context() as context:
        yield context


@pytest.fixture
def other_context():
    with zmq.Context() as context:
        yield context


def round_trip(server, client):
    client.send(b"ping")
    assert server.recv() == b"ping"
    server.send(b"pong")
    return client.recv()


def listens(port):
    """Whether the kernel has a TCP listener there."""
    with sockets.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("bound", ["*", "0.0.0.0", "127.0.0.1", "localhost", "[::]", "lo"])
@pytest.mark.parametrize("connected", ["localhost", "127.0.0.1", "127.4.4.4", "[::1]"])
def test_every_spelling_of_a_port_meets_across_contexts(zmq_remap, context, other_context, bound, connected):
    with context.socket(zmq.REP) as server, other_context.socket(zmq.REQ) as client:
        client.connect(f"tcp://{connected}:5556")  # before it is bound, too
        server.bind(f"tcp://{bound}:5556")
        assert round_trip(server, client) == b"pong"
        assert not listens(5556)


@pytest.mark.zmq(remap="inproc")
def test_inproc_serves_one_context(zmq_remap, context):
    with context.socket(zmq.REP) as server, context.socket(zmq.REQ) as client:
        server.bind("tcp://*:5556")
        client.connect("tcp://localhost:5556")
        assert round_trip(server, client) == b"pong"
        assert server.last_endpoint == b"tcp://0.0.0.0:5556"
        assert zmq_remap.path(5556).startswith("inproc://")


@pytest.mark.zmq(remap="inproc", leaks="off")
@pytest.mark.parametrize("first", ["bind", "connect"])
def test_inproc_across_contexts_is_refused_at_once_naming_both(zmq_remap, context, other_context, first):
    with context.socket(zmq.REP) as server, other_context.socket(zmq.REQ) as client:
        calls = [lambda: server.bind("tcp://*:5556"), lambda: client.connect("tcp://localhost:5556")]
        if first == "connect":
            calls.reverse()
        calls[0]()
        with pytest.raises(zmq.ZMQError, match=r"REP at .*REQ at |REQ at .*REP at ") as raised:
            calls[1]()
    assert raised.value.errno == errno.ECONNREFUSED
    assert "remap='ipc'; ZMQ020" in str(raised.value)


def test_the_code_hears_tcp_of_what_it_bound(zmq_remap, context):
    with context.socket(zmq.REP) as server:
        server.bind("tcp://*:5556")
        assert server.last_endpoint == b"tcp://0.0.0.0:5556"
        assert server.getsockopt(zmq.LAST_ENDPOINT) == b"tcp://0.0.0.0:5556"
        assert server.get_string(zmq.LAST_ENDPOINT) == "tcp://0.0.0.0:5556"
    with context.socket(zmq.REQ) as client:
        client.connect("tcp://localhost:5556")
        assert client.last_endpoint == b"tcp://localhost:5556"
    with context.socket(zmq.REP) as server:
        server.bind("inproc://mine")
        assert server.last_endpoint == b"inproc://mine"
    with context.socket(zmq.REP) as server:
        server.bind("tcp://*:5556")


@pytest.mark.parametrize("arguments", [(), (20_000, 20_010)])
def test_a_random_port_is_one_that_others_can_connect_to(zmq_remap, context, arguments):
    with context.socket(zmq.REP) as server, context.socket(zmq.REQ) as client:
        port = server.bind_to_random_port("tcp://127.0.0.1", *arguments)
        assert server.last_endpoint == f"tcp://127.0.0.1:{port}".encode()
        client.connect(f"tcp://127.0.0.1:{port}")
        assert round_trip(server, client) == b"pong"
        assert not listens(port)


def test_a_range_of_ports_is_searched_for_a_free_one_and_that_is_no_finding(zmq_remap, context):
    opened = [context.socket(zmq.REP) for _ in range(3)]
    found = {each.bind_to_random_port("tcp://*", 20_000, 20_003, max_tries=1000) for each in opened}
    assert found == {20_000, 20_001, 20_002}
    for each in opened:
        each.close()


def test_many_sockets_can_ask_for_any_port(zmq_remap, context):
    opened = [context.socket(zmq.REP) for _ in range(20)]
    for each in opened:
        each.bind("tcp://127.0.0.1:0")
    assert len({each.last_endpoint for each in opened}) == 20
    for each in opened:
        each.close()


def test_unbind_and_disconnect_take_tcp_endpoints(zmq_remap, context):
    with context.socket(zmq.REP) as server, context.socket(zmq.DEALER) as client:
        server.bind("tcp://127.0.0.1:5556")
        client.connect("tcp://localhost:5556")
        client.disconnect("tcp://localhost:5556")
        server.unbind(server.last_endpoint)
        assert not zmq_remap.bound(5556)
        with server.bind("tcp://127.0.0.1:5556"):
            assert zmq_remap.bound(5556)
        assert not zmq_remap.bound(5556)
        with pytest.raises(zmq.ZMQError, match="No such file"):
            server.unbind("tcp://127.0.0.1:5556")


def test_a_wildcard_is_not_unbound_by_its_wildcard_as_in_libzmq(zmq_remap, context):
    with context.socket(zmq.REP) as server:
        server.bind("tcp://*:5556")
        with pytest.raises(zmq.ZMQError) as raised:
            server.unbind("tcp://*:5556")
        assert raised.value.errno == errno.ENOENT


def test_monitors_tell_tcp_endpoints(zmq_remap, context):
    with context.socket(zmq.REP) as server, context.socket(zmq.REQ) as client:
        with server.get_monitor_socket() as monitor:
            server.bind("tcp://*:5556")
            client.connect("tcp://localhost:5556")
            told = [recv_monitor_message(monitor) for _ in range(3)]
            server.disable_monitor()
        assert {event["endpoint"] for event in told} == {b"tcp://0.0.0.0:5556"}
        assert [event["event"] for event in told] == [
            zmq.EVENT_LISTENING,
            zmq.EVENT_ACCEPTED,
            zmq.EVENT_HANDSHAKE_SUCCEEDED,
        ]


@pytest.mark.zmq(leaks="off")
def test_a_second_binder_fails_at_the_bind_naming_both(zmq_remap, context, other_context):
    with context.socket(zmq.REP) as first, other_context.socket(zmq.ROUTER) as second:
        first.bind("tcp://*:5556")
        with pytest.raises(zmq.ZMQError, match=r"REP at .*, process .*ROUTER at .*PORT014") as raised:
            second.bind("tcp://127.0.0.1:5556")
    assert raised.value.errno == errno.EADDRINUSE


@pytest.mark.zmq(leaks="off")
def test_another_machine_is_refused_unless_the_test_names_it(zmq_remap, context):
    with context.socket(zmq.REQ) as client, context.socket(zmq.REP) as server:
        with pytest.raises(zmq.ZMQError, match=r"broker\.example is not this machine.*ZMQ022"):
            client.connect("tcp://broker.example:5556")
        zmq_remap(local=["broker.example"])
        client.connect("tcp://broker.example:5556")
        server.bind("tcp://*:5556")
        assert round_trip(server, client) == b"pong"


def test_what_is_left_stays_as_it_is(zmq_remap, context):
    with context.socket(zmq.REP) as server, context.socket(zmq.REQ) as client:
        zmq_remap(leave=["127.0.0.9"])
        server.bind("tcp://127.0.0.9:*")
        assert server.last_endpoint.startswith(b"tcp://127.0.0.9:")
        assert zmq_remap.endpoints() == []
        client.connect(server.last_endpoint.decode())
        assert round_trip(server, client) == b"pong"


def test_other_transports_stay_as_they_are(zmq_remap, context):
    with context.socket(zmq.REP) as server:
        server.bind("inproc://a")
        server.bind("ipc://@maint-test-of-remap")
    assert zmq_remap.endpoints() == []


def test_who_bound_and_connected_what_can_be_asked(zmq_remap, context):
    with context.socket(zmq.PUB) as server, context.socket(zmq.SUB) as client:
        server.bind("tcp://*:5556")
        client.connect("tcp://localhost:5556")
    assert [(each.role, each.port, each.type, each.endpoint) for each in zmq_remap.endpoints()] == [
        ("bind", 5556, "PUB", "tcp://0.0.0.0:5556"),
        ("connect", 5556, "SUB", "tcp://localhost:5556"),
    ]
    assert {each.place.rpartition(":")[0] for each in zmq_remap.endpoints()} == {__file__}


def test_the_transport_is_chosen_before_a_port_is_in_use(zmq_remap, context):
    assert zmq_remap("inproc").transport == "inproc"
    with context.socket(zmq.PUB) as server:
        server.bind("tcp://*:5556")
        with pytest.raises(MaintError, match="port 5556 is inproc already"):
            zmq_remap("ipc")
    with pytest.raises(MaintError, match="give one of ipc, inproc"):
        zmq_remap("tcp")


def test_asyncio_sockets_are_remapped(zmq_remap):
    async def talk():
        context = zmq.asyncio.Context()
        with context.socket(zmq.REP) as server, context.socket(zmq.REQ) as client:
            server.bind("tcp://*:5556")
            client.connect("tcp://localhost:5556")
            await client.send(b"ping")
            assert await server.recv() == b"ping"
            assert server.get(zmq.LAST_ENDPOINT) == b"tcp://0.0.0.0:5556"
        context.term()

    asyncio.run(talk())
    assert not listens(5556)


def test_curve_works_over_remapped_ports(zmq_remap, context):
    public, secret = zmq.curve_keypair()
    with context.socket(zmq.REP) as server, context.socket(zmq.REQ) as client:
        server.curve_server, server.curve_publickey, server.curve_secretkey = True, public, secret
        client.curve_serverkey = public
        client.curve_publickey, client.curve_secretkey = zmq.curve_keypair()
        server.bind("tcp://*:5556")
        client.connect("tcp://localhost:5556")
        assert round_trip(server, client) == b"pong"


def test_threads_with_contexts_of_their_own_meet(zmq_remap):
    def serve():
        with zmq.Context() as own, own.socket(zmq.REP) as server:
            server.bind("tcp://*:5556")
            server.send(server.recv())

    thread = threading.Thread(target=serve)
    thread.start()
    with zmq.Context() as own, own.socket(zmq.REQ) as client:
        client.connect("tcp://localhost:5556")
        client.send(b"hello")
        assert client.recv() == b"hello"
    thread.join()
