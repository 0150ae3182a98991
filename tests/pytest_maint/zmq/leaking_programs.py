"""Programs that leak or hang without the guard, each with the code of what it has to be told."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading

import pytest
import zmq
import zmq.asyncio
from zmq.auth.thread import ThreadAuthenticator

pytestmark = pytest.mark.zmq(timeout=0.2, leaks="error")
KEPT: list[object] = []
NOBODY = "tcp://127.0.0.1:9"


def expect(code):
    return pytest.mark.expected(code)


def parked(socket):
    """A thread on its way into a receive."""
    entered.clear()
    thread = threading.Thread(target=receive_once, args=(socket,), name="parked", daemon=True)
    thread.start()
    entered.wait()
    return thread


entered = threading.Event()


def receive_once(socket):
    entered.set()
    with contextlib.suppress(zmq.ZMQError):
        socket.recv()


@expect("ZMQ001")
def test_leaked_push_with_an_unsent_message():
    context = zmq.Context()
    push = context.socket(zmq.PUSH)
    push.connect(NOBODY)
    push.send(b"never read")


@expect("ZMQ001")
def test_socket_kept_in_a_global():
    context = zmq.Context()
    KEPT.append((context, context.socket(zmq.PUB)))


@expect("ZMQ001")
def test_context_without_sockets():
    KEPT.append(zmq.Context())


@expect("ZMQ001")
def test_socket_in_a_reference_cycle():
    holder = {"socket": zmq.Context.instance().socket(zmq.SUB)}
    holder["self"] = holder


@expect("ZMQ001")
def test_socket_of_a_thread_that_ended():
    def work():
        KEPT.append(zmq.Context.instance().socket(zmq.DEALER))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


@expect("ZMQ001")
def test_thread_left_in_a_receive():
    context = zmq.Context()
    pull = context.socket(zmq.PULL)
    pull.rcvtimeo = 60_000
    pull.bind("inproc://left")
    KEPT.append((context, pull, parked(pull)))


@expect("ZMQ001")
def test_monitor_left_open():
    with zmq.Context() as context, context.socket(zmq.REP) as rep:
        KEPT.append(rep.get_monitor_socket())
        KEPT.append(context)
        context.__dict__["destroy"] = lambda linger=None: None  # a with-block that forgets the monitor


@expect("ZMQ001")
def test_authenticator_that_is_not_stopped():
    context = zmq.Context()
    authenticator = ThreadAuthenticator(context)
    authenticator.start()
    KEPT.append((context, authenticator))


@expect("ZMQ001")
def test_asyncio_socket_left_open():
    async def main():
        context = zmq.asyncio.Context()
        KEPT.append((context, context.socket(zmq.PULL)))

    asyncio.run(main())


@pytest.fixture(scope="module")
def broker():
    context = zmq.Context()
    return context.socket(zmq.ROUTER)


@expect("ZMQ002")
def test_term_with_an_open_socket():
    context = zmq.Context()
    socket = context.socket(zmq.PUSH)
    KEPT.append(socket)
    context.term()


@expect("ZMQ002")
def test_term_with_an_undelivered_message():
    context = zmq.Context()
    with context.socket(zmq.PUSH) as push:
        push.connect(NOBODY)
        push.send(b"never read")
    context.term()


@expect("ZMQ002")
def test_term_with_an_endless_linger():
    context = zmq.Context()
    push = context.socket(zmq.PUSH)
    push.linger = -1
    push.connect(NOBODY)
    push.send(b"never read")
    push.close(linger=-1)
    context.term()


@expect("ZMQ002")
def test_thread_that_never_lets_go(zmq_req_rep):
    _, rep = zmq_req_rep()
    started = threading.Event()

    def work():
        while True:
            started.set()
            try:
                rep.recv()
            except zmq.ZMQError:
                threading.Event().wait(0.01)

    threading.Thread(target=work, daemon=True, name="stubborn").start()
    started.wait()
    KEPT.append(rep)


@expect("ZMQ003")
def test_closed_by_another_thread():
    context = zmq.Context()
    pull = context.socket(zmq.PULL)
    pull.rcvtimeo = 60_000
    pull.bind("inproc://closed")
    thread = parked(pull)
    wait_until_inside(thread)
    pull.close()
    context.term()
    thread.join()


@expect("ZMQ003")
def test_destroyed_under_a_thread():
    context = zmq.Context()
    pull = context.socket(zmq.PULL)
    pull.rcvtimeo = 60_000
    pull.bind("inproc://destroyed")
    thread = parked(pull)
    wait_until_inside(thread)
    context.destroy(linger=0)
    thread.join()


@expect("ZMQ010")
def test_both_ends_connect():
    with zmq.Context() as context, context.socket(zmq.REQ) as req, context.socket(zmq.REP) as rep:
        req.connect(NOBODY)
        rep.connect(NOBODY)
        req.send(b"question")
        req.close(linger=0)
        rep.recv()


@expect("ZMQ010")
def test_server_that_never_answers(zmq_req_rep):
    req, rep = zmq_req_rep("tcp")
    req.send(b"question")
    rep.recv()
    req.recv()


@expect("ZMQ010")
def test_send_that_nobody_takes():
    with zmq.Context() as context, context.socket(zmq.PUSH) as push:
        push.bind("inproc://nobody")
        push.send(b"x")


@expect("ZMQ010")
def test_poll_without_a_limit(zmq_push_pull):
    _, pull = zmq_push_pull("ipc")
    poller = zmq.Poller()
    poller.register(pull, zmq.POLLIN)
    poller.poll()


@expect("ZMQ010")
def test_endless_time_out_set_by_the_code(zmq_push_pull):
    _, pull = zmq_push_pull("ipc")
    pull.rcvtimeo = -1
    pull.recv()


@expect("ZMQ010")
def test_subscriber_without_a_subscription(zmq_pub_sub):
    pub, sub = zmq_pub_sub(topics=())
    pub.send(b"news")
    sub.recv()


@expect("ZMQ010")
def test_awaited_receive(zmq_push_pull):
    _, pull = zmq_push_pull("tcp", aio="server")

    async def main():
        await pull.recv_multipart()

    asyncio.run(main())


@expect("ZMQ001")
def test_fixture_of_a_wider_scope(broker):
    assert broker is not None


def wait_until_inside(thread):
    """Until the thread's innermost Python line is its receive."""
    while (frame := sys._current_frames().get(thread.ident)) is not None:
        if frame.f_code.co_name == "_blocking":
            return
