"""Every message that the types allow, and many that they do not."""

from __future__ import annotations

import zmq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.health import TOPIC, HealthBus
from agents.messages import Heartbeat, Result, Task, solve
from pytest_maint.zmq.machines import RequestReplyMachine
from pytest_maint.zmq.strategies import decode, frames, malformed_messages, topics, zmq_messages

QUICK = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])


@QUICK
@given(zmq_messages(Task))
def test_every_task_has_a_result(message) -> None:
    task = decode(message, Task)
    assert decode([solve(*message)], Result) == Result(task.id, len(task.text.split()))


@QUICK
@given(malformed_messages(Task, defects=["truncated", "wrong-type", "not-utf8", "oversized"], oversize=5000))
def test_what_is_no_task_gets_an_error(message) -> None:
    assert decode([solve(*message)], Result).error


@QUICK
@given(
    st.lists(zmq_messages(Heartbeat), max_size=3),
    malformed_messages(Heartbeat, oversize=5000) | frames(),
    topics(),
)
def test_the_bus_notes_heartbeats_and_nothing_else(beats, noise, topic) -> None:
    bus = HealthBus.__new__(HealthBus)  # no thread, no socket: what it notes is a matter of bytes
    bus.tasks_done, bus.refused = {}, 0
    for beat in beats:
        topic_of_worker = TOPIC + decode(beat, Heartbeat).worker.encode()
        assert bus.note([topic_of_worker, *beat])
        assert not bus.note([topic_of_worker + b"-2", *beat])
    assert not bus.note([topic, *noise])
    assert bus.refused == len(beats) + 1
    assert bus.tasks_done.keys() == {decode(beat, Heartbeat).worker for beat in beats}


class Solver(RequestReplyMachine):
    """Whatever clients send, and in whatever order, each has its own answer."""

    requests = zmq_messages(Task)
    malformed = malformed_messages(Task, oversize=5000)

    def start(self) -> None:
        self.socket = self.context.socket(zmq.REP)
        self.socket.bind(self.endpoint)

    def step(self) -> None:
        while self.socket.poll(0):
            self.socket.send(solve(self.socket.recv_multipart()[-1]))

    def check(self, request, reply) -> None:
        assert decode(reply, Result).id == decode(request, Task).id


TestSolver = Solver.TestCase
TestSolver.settings = settings(QUICK, max_examples=15, stateful_step_count=10)
