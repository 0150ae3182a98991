"""What pyzmq's sockets do, over all transports; with the fixtures of this project, which these tests use."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
import zmq

pytestmark = pytest.mark.zmq(leaks="error")
transports = pytest.mark.parametrize("transport", ["inproc", "ipc", "tcp"])


@transports
def test_a_request_is_answered_by_its_reply(zmq_req_rep: Callable, transport: str) -> None:
    req, rep = zmq_req_rep(transport)
    for number in range(3):
        req.send_json({"ask": number})
        question = rep.recv_json()
        rep.send_json({"answer": question["ask"]})
        assert req.recv_json() == {"answer": number}


@transports
def test_request_and_reply_take_turns(zmq_req_rep: Callable, transport: str) -> None:
    req, rep = zmq_req_rep(transport)
    req.send(b"one")
    with pytest.raises(zmq.ZMQError, match="current state"):
        req.send(b"two")
    with pytest.raises(zmq.ZMQError, match="current state"):
        rep.send(b"unasked")


@transports
def test_all_parts_of_a_message_arrive_together(zmq_req_rep: Callable, transport: str) -> None:
    req, rep = zmq_req_rep(transport)
    req.send_multipart([b"", b"a", b"\0" * 100_000])
    assert rep.recv_multipart() == [b"", b"a", b"\0" * 100_000]


@transports
def test_a_subscriber_gets_its_topics_alone(zmq_pub_sub: Callable, transport: str) -> None:
    pub, sub = zmq_pub_sub(transport, topics=["cpu", b"disk"])
    for topic in (b"net 1", b"cpu 2", b"disk 3", b"net 4", b"cpu 5"):
        pub.send(topic)
    assert [sub.recv(), sub.recv(), sub.recv()] == [b"cpu 2", b"disk 3", b"cpu 5"]
    assert sub.poll(0) == 0


@transports
def test_a_publisher_is_a_publisher_and_gives_all_there_is(zmq_pub_sub: Callable, transport: str) -> None:
    pub, sub = zmq_pub_sub(transport)
    assert (pub.type, sub.type) == (zmq.PUB, zmq.SUB)
    with pytest.raises(zmq.ZMQError):
        pub.recv()
    pub.send(b"")
    pub.send(b"\0maint")
    assert [sub.recv(), sub.recv()] == [b"", b"\0maint"]


@transports
def test_a_topic_may_be_left_and_joined_later(zmq_pub_sub: Callable, transport: str) -> None:
    pub, sub = zmq_pub_sub(transport, topics="a")
    sub.unsubscribe("a")
    zmq_pub_sub.join(pub, sub, "b")
    pub.send(b"a")
    pub.send(b"b")
    assert sub.recv() == b"b"


@transports
def test_pushed_messages_are_pulled_in_order(zmq_push_pull: Callable, transport: str) -> None:
    push, pull = zmq_push_pull(transport)
    for number in range(100):
        push.send(b"%d" % number)
    assert [pull.recv() for _ in range(100)] == [b"%d" % number for number in range(100)]


def fill(push: zmq.SyncSocket, block: bytes) -> None:
    for _ in range(100):
        push.send(block)


@transports
def test_a_full_queue_stops_the_sender(zmq_push_pull: Callable, transport: str) -> None:
    push, pull = zmq_push_pull(transport, hwm=1, timeout=0.05)
    block = bytes(1_000_000)
    with pytest.raises(zmq.Again, match="unavailable"):
        fill(push, block)
    assert pull.recv() == block


@transports
def test_a_router_may_speak_first(zmq_router_dealer: Callable, transport: str) -> None:
    router, dealer = zmq_router_dealer(transport, identity=b"worker-1")
    router.send_multipart([b"worker-1", b"work"])
    assert dealer.recv() == b"work"


@transports
def test_peers_and_subscriptions_go_both_ways(
    zmq_pair: Callable, zmq_xpub_xsub: Callable, transport: str
) -> None:
    one, other = zmq_pair(transport)
    one.send(b"a")
    other.send(b"b")
    assert (other.recv(), one.recv()) == (b"a", b"b")
    xpub, xsub = zmq_xpub_xsub(transport)
    xsub.send(b"\x01topic")
    assert xpub.recv() == b"\x01topic"
    xpub.send(b"topic 1")
    assert xsub.recv() == b"topic 1"


@transports
@pytest.mark.asyncio
async def test_asyncio_gets_sockets_of_its_own(zmq_req_rep: Callable, transport: str) -> None:
    req, rep = zmq_req_rep(transport, aio=True)
    await req.send(b"question")
    assert await rep.recv() == b"question"
    assert await rep.poll(0) == 0


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.anyio
async def test_anyio_runs_them_on_asyncio(zmq_push_pull: Callable, anyio_backend: str) -> None:
    push, pull = zmq_push_pull("tcp", aio="server")
    push.send(b"x")
    assert await pull.recv() == b"x"


@pytest.mark.parametrize("anyio_backend", ["trio"])
@pytest.mark.anyio
async def test_trio_is_refused_in_a_sentence(zmq_push_pull: Callable, anyio_backend: str) -> None:
    with pytest.raises(Exception, match="runs on trio; run it with the anyio_backend 'asyncio'"):
        zmq_push_pull("tcp", aio=True)


@pytest.mark.asyncio
@pytest.mark.zmq(timeout=0.05)
async def test_an_awaited_poll_with_a_limit_of_its_own_is_left_alone(zmq_push_pull: Callable) -> None:
    _, pull = zmq_push_pull("tcp", aio=True)
    assert await pull.poll(100) == 0


def test_no_file_is_left_for_ipc(zmq_req_rep: Callable) -> None:
    _, rep = zmq_req_rep("ipc")
    endpoint = rep.last_endpoint.decode()
    assert endpoint.startswith("ipc://@" if sys.platform == "linux" else "ipc:///tmp/mz")


class TestInproc:
    """What inproc does not have is refused at once."""

    def test_curve(self, zmq_req_rep: Callable) -> None:
        req, _ = zmq_req_rep()
        with pytest.raises(Exception, match=r"inproc ignores it: .*; use transport='ipc'; ZMQ030"):
            req.curve_server = 1

    def test_curve_before_the_bind(self) -> None:
        with zmq.Context() as context, context.socket(zmq.REP) as rep:
            rep.curve_server = 1
            with pytest.raises(Exception, match="inproc ignores CURVE"):
                rep.bind("inproc://secret")

    def test_monitor(self, zmq_req_rep: Callable) -> None:
        req, _ = zmq_req_rep()
        with pytest.raises(Exception, match="inproc has no events"):
            req.get_monitor_socket()
        _, heard = zmq_req_rep("ipc")
        assert heard.get_monitor_socket().type == zmq.PAIR

    def test_another_context(self, zmq_req_rep: Callable) -> None:
        _, rep = zmq_req_rep()
        with (
            zmq.Context() as context,
            context.socket(zmq.REQ) as req,
            pytest.raises(Exception, match="does not cross contexts"),
        ):
            req.connect(rep.last_endpoint.decode())

    def test_a_second_bind(self, zmq_req_rep: Callable) -> None:
        _, rep = zmq_req_rep()
        endpoint = rep.last_endpoint.decode()
        rep.close()
        with (
            rep.context.socket(zmq.REP) as again,
            pytest.raises(Exception, match="does not reconnect"),
        ):
            again.bind(endpoint)

    def test_the_others_do_reconnect(self, zmq_push_pull: Callable) -> None:
        push, pull = zmq_push_pull("tcp")
        endpoint = pull.last_endpoint.decode()
        push.send(b"before")
        assert pull.recv() == b"before"
        with (
            pull.get_monitor_socket(zmq.EVENT_CLOSED) as closed,
            push.get_monitor_socket(zmq.EVENT_DISCONNECTED) as parted,
        ):
            pull.unbind(endpoint)
            closed.recv_multipart()  # libzmq lets go of the port a moment after the call
            pull.close()
            parted.recv_multipart()
        with pull.context.socket(zmq.PULL) as again:
            again.bind(endpoint)
            push.send(b"after")
            assert again.recv() == b"after"


def test_ends_meet_however_short_the_time_out_of_their_messages_is(zmq_pub_sub, zmq_router_dealer):
    for _ in range(10):
        for factory in (zmq_pub_sub, zmq_router_dealer):
            _, second = factory("tcp", timeout=0.001)
            with pytest.raises(zmq.Again):
                second.recv()
