"""Endpoints of tcp: which are ours, and how libzmq says them."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_maint.zmq.remap.endpoints import Tcp, is_local, parse

PORTS = st.integers(1, 65535)


@given(
    PORTS,
    st.sampled_from(
        ["*", "0.0.0.0", "localhost", "127.0.0.1", "127.8.8.8", "[::]", "[::1]", "[::ffff:127.0.0.1]"]
    ),
)
def test_every_spelling_of_this_machine_is_the_same_port(port, host):
    found = parse(f"tcp://{host}:{port}")
    assert found is not None
    assert found.port == port
    assert is_local(found.host)


@given(PORTS, st.sampled_from(["*", "localhost", "::1", "10.0.0.7", "eth0"]))
def test_an_endpoint_is_written_as_it_was_read(port, host):
    endpoint = str(Tcp(host, port))
    again = parse(endpoint)
    assert again is not None
    assert (again.host, again.port) == (host, port)
    assert str(parse(endpoint.encode())) == endpoint


@pytest.mark.parametrize("endpoint", ["tcp://*:*", "tcp://127.0.0.1:0", "tcp://eth0:*"])
def test_a_port_that_the_system_chooses_is_zero(endpoint):
    assert parse(endpoint).port == 0


@pytest.mark.parametrize(
    "endpoint",
    [
        "ipc:///tmp/a",
        "inproc://a",
        "udp://*:5556",
        "tcp://localhost",
        "tcp://:5556",
        "tcp://*:http",
        "tcp://*:70000",
    ],
)
def test_other_transports_and_what_libzmq_refuses_are_left_to_libzmq(endpoint):
    assert parse(endpoint) is None


def test_a_source_address_is_not_where_it_connects():
    found = parse("tcp://192.168.1.17:5555;192.168.1.1:5556")
    assert (found.host, found.port) == ("192.168.1.1", 5556)


def test_the_name_of_this_machine_is_local_and_a_documentation_address_is_not():
    assert is_local(socket.gethostname())
    assert is_local("api.localhost")
    assert not is_local("203.0.113.5")
    assert not is_local("2001:db8::5")
    assert not is_local("broker.example")
    assert is_local("broker.example", also=["broker.example"])


# What "localhost" is with IPv6, the machine decides.
@pytest.mark.parametrize(
    ("host", "ipv6"),
    [("*", False), ("localhost", False), ("127.0.0.1", False), ("*", True), ("127.0.0.1", True)],
)
def test_a_bound_endpoint_is_said_as_libzmq_says_it(host, ipv6):
    zmq = pytest.importorskip("zmq")
    with zmq.Context() as context, context.socket(zmq.REP) as real:
        real.ipv6 = ipv6
        try:
            real.bind(f"tcp://{host}:*")
        except zmq.ZMQError:
            pytest.skip("no IPv6 here")
        said = real.get(zmq.LAST_ENDPOINT).decode()
    port = int(said.rpartition(":")[2])
    assert Tcp(host, port).bound(ipv6=ipv6) == said
