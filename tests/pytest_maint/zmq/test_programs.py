"""Programs that leak or hang: each gets its finding by name, and none of them hangs the run or its exit."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

PROGRAMS = Path(__file__).with_name("leaking_programs.py").read_text(encoding="utf-8")
EXPECTED = {name: code for code, name in re.findall(r'@expect\("(ZMQ\d+)"\)\ndef (test_\w+)', PROGRAMS)}


def test_every_program_is_told_what_it_did(session: Callable) -> None:
    result = session(PROGRAMS, timeout=60)
    assert len(EXPECTED) >= 20
    assert result.code == 1, result.output
    told = {name: result.codes(name) for name in EXPECTED}
    missing = {name: codes for name, codes in told.items() if EXPECTED[name] not in codes}
    assert not missing, result.output


def test_the_same_programs_with_their_ends_closed_are_told_nothing(session: Callable) -> None:
    result = session(CLEAN, "-W", "error")
    assert result.code == 0, result.output
    assert result.findings == {}


CLEAN = '''
import threading
import pytest
import zmq

pytestmark = pytest.mark.zmq(leaks="error")


def test_push_that_is_read():
    with zmq.Context() as context, context.socket(zmq.PUSH) as push, context.socket(zmq.PULL) as pull:
        pull.bind("inproc://read")
        push.connect("inproc://read")
        push.send(b"x")
        assert pull.recv() == b"x"


def test_message_that_is_sent_and_let_go():
    """Without a linger it would be lost: closing right after sending is what clients do."""
    with zmq.Context() as context, context.socket(zmq.PULL) as pull:
        pull.bind("tcp://127.0.0.1:*")
        client = zmq.Context()
        with client.socket(zmq.PUSH) as push:
            push.connect(pull.last_endpoint.decode())
            push.send(b"x")
        client.term()
        assert pull.recv() == b"x"


def test_thread_that_is_stopped_by_term():
    context = zmq.Context()
    started = threading.Event()

    def work():
        with context.socket(zmq.PULL) as pull:
            pull.bind("inproc://stopped")
            started.set()
            with pytest.raises(zmq.ContextTerminated):
                pull.recv()

    thread = threading.Thread(target=work)
    thread.start()
    started.wait()
    context.term()
    thread.join()


def test_server_thread_of_a_pair(zmq_req_rep):
    req, rep = zmq_req_rep("ipc")

    def work():
        try:
            while True:
                rep.send(rep.recv().upper())
        except zmq.ContextTerminated:
            pass

    threading.Thread(target=work).start()
    req.send(b"a")
    assert req.recv() == b"A"


@pytest.mark.zmq(timeout=0.05)
def test_again_that_is_caught_on_purpose(zmq_push_pull):
    push, pull = zmq_push_pull()
    with pytest.raises(zmq.Again):
        pull.recv()
    with pytest.raises(zmq.Again) as nothing:
        pull.recv(zmq.NOBLOCK)
    assert not getattr(nothing.value, "__notes__", ())
    assert pull.poll(1) == 0


def test_global_context():
    zmq.Context.instance()
'''
