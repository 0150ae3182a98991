"""The state machines: a correct server passes, each planted defect is found."""

from __future__ import annotations

import threading

import msgspec
import pytest
import zmq
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from pytest_maint.zmq.machines import IdentityChurnMachine, RequestReplyMachine
from pytest_maint.zmq.strategies import decode, malformed_messages, zmq_messages

SETTINGS = settings(
    max_examples=60,
    stateful_step_count=12,
    deadline=None,
    phases=[Phase.generate],
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


class Sum(msgspec.Struct):
    left: int
    right: int


def added(frames: list[bytes]) -> list[bytes]:
    sum = decode(frames, Sum)
    return [msgspec.json.encode(sum.left + sum.right)]


class Adder(RequestReplyMachine):
    """A correct server: REP, and an answer to everything."""

    requests = zmq_messages(Sum)
    malformed = malformed_messages(Sum, oversize=1000)

    def start(self) -> None:
        self.server = self.context.socket(zmq.REP)
        self.server.bind(self.endpoint)

    def step(self) -> None:
        while self.server.poll(0):
            self.server.send_multipart(self.answer(self.server.recv_multipart()))

    def answer(self, request: list[bytes]) -> list[bytes]:
        try:
            return added(request)
        except ValueError as error:
            return [b"error", str(error).encode()]

    def check(self, request, reply) -> None:
        assert reply == added(request)


class ThreadedAdder(Adder):
    """The same in a thread, over another transport."""

    transport = "ipc"

    def start(self) -> None:
        super().start()
        self.control = self.context.socket(zmq.PAIR)
        self.control.bind(f"inproc://stop-{id(self)}")
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        poller = zmq.Poller()
        control = self.context.socket(zmq.PAIR)
        control.connect(f"inproc://stop-{id(self)}")
        for socket in (control, self.server):
            poller.register(socket, zmq.POLLIN)
        while control not in (ready := dict(poller.poll())):
            if self.server in ready:
                self.server.send_multipart(self.answer(self.server.recv_multipart()))
        control.close()

    step = RequestReplyMachine.step

    def stop(self) -> None:
        self.control.send(b"")
        self.thread.join()


class DiesOfMalformed(Adder):
    def answer(self, request):
        return added(request)


class SilentAfterMalformed(Adder):
    def step(self) -> None:
        while self.server.poll(0):
            try:
                self.server.send_multipart(added(self.server.recv_multipart()))
            except (ValueError, zmq.ZMQError):
                return


class OneBehind(Adder):
    last = (b"0",)

    def answer(self, request):
        reply, self.last = self.last, super().answer(request)
        return reply


class MixesClientsUp(Adder):
    """A ROUTER that answers whoever came last."""

    def start(self) -> None:
        self.server = self.context.socket(zmq.ROUTER)
        self.server.bind(self.endpoint)

    def step(self) -> None:
        waiting = []
        while self.server.poll(0):
            waiting.append(self.server.recv_multipart())
        for _client, _, *request in waiting:
            self.server.send_multipart([waiting[-1][0], b"", *self.answer(request)])


class EchoesInstead(Adder):
    def answer(self, request):
        return request


@pytest.mark.parametrize("machine", [Adder, ThreadedAdder])
def test_a_server_in_lockstep_passes(machine) -> None:
    run_state_machine_as_test(machine, settings=settings(SETTINGS, max_examples=20))


@pytest.mark.parametrize(
    ("machine", "error", "said"),
    [
        (DiesOfMalformed, ValueError, "Sum: "),
        (SilentAfterMalformed, AssertionError, "got no reply to <"),
        (OneBehind, AssertionError, "assert "),
        (MixesClientsUp, AssertionError, "got no reply to|assert "),
        (EchoesInstead, AssertionError, "assert "),
    ],
)
def test_a_defect_of_the_lockstep_is_found(machine, error, said) -> None:
    with pytest.raises(error, match=said):
        run_state_machine_as_test(machine, settings=SETTINGS)


class Register(IdentityChurnMachine):
    """A correct server: hands over, and knows whom it can reach."""

    requests = st.binary(min_size=1, max_size=8).map(lambda frame: [frame])
    handover = 1
    mandatory = 1

    def start(self) -> None:
        self.server = self.context.socket(zmq.ROUTER)
        self.server.setsockopt(zmq.ROUTER_HANDOVER, self.handover)
        self.server.setsockopt(zmq.ROUTER_MANDATORY, self.mandatory)
        self.server.bind(self.endpoint)

    def step(self) -> None:
        while self.server.poll(0):
            identity, _, *request = self.server.recv_multipart()
            self.answer(identity, request)

    def answer(self, identity, request) -> None:
        self.server.send_multipart([identity, b"", *request])

    def push(self, identity, message) -> bool:
        try:
            self.server.send_multipart([identity, b"", *message])
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            return False
        return True

    def check(self, request, reply) -> None:
        assert reply == request


class NoHandover(Register):
    handover = 0


class NotMandatory(Register):
    mandatory = 0
    timeout = 0.05


class KeepsMail(Register):
    """What could not be delivered comes later, to a client that does not expect it."""

    def start(self) -> None:
        super().start()
        self.mail: dict[bytes, list[bytes]] = {}

    def push(self, identity, message) -> bool:
        reached = super().push(identity, message)
        if not reached:
            self.mail[identity] = message
        return reached

    def answer(self, identity, request) -> None:
        super().answer(identity, request)
        if identity in self.mail:
            super().push(identity, self.mail.pop(identity))


class AnswersEverybody(Register):
    def start(self) -> None:
        super().start()
        self.seen: set[bytes] = set()

    def answer(self, identity, request) -> None:
        self.seen.add(identity)
        for each in self.seen:
            self.push(each, request)


def test_a_server_that_follows_its_clients_passes() -> None:
    run_state_machine_as_test(Register, settings=settings(SETTINGS, max_examples=30))


def test_without_handover_and_push_a_plain_router_will_do() -> None:
    class Plain(NoHandover):
        takes_over = False
        push = IdentityChurnMachine.push

        def go(self, name) -> None:
            """Stays."""

    run_state_machine_as_test(Plain, settings=settings(SETTINGS, max_examples=20))


@pytest.mark.parametrize(
    ("machine", "said"),
    [
        (NoHandover, "got no reply to"),
        (NotMandatory, "is not there, and the server says that it was reached"),
        (KeepsMail, "got one more reply to"),
        (AnswersEverybody, "got"),
    ],
)
def test_a_defect_in_following_clients_is_found(machine, said) -> None:
    with pytest.raises(AssertionError, match=said):
        run_state_machine_as_test(machine, settings=SETTINGS)


def test_one_failure_is_shrunk_to_a_few_steps() -> None:
    shrunk = settings(NoHandover.TestCase.settings, stateful_step_count=12, database=None, derandomize=True)
    assert not shrunk.report_multiple_bugs
    with pytest.raises(AssertionError) as caught:
        run_state_machine_as_test(NoHandover, settings=shrunk)
    steps = [note for note in caught.value.__notes__ if note.startswith("state.")]
    # asked and answered, then back under the same name: after going, or without
    assert len(steps) <= 5


def test_a_machine_says_what_it_lacks() -> None:
    with pytest.raises(NotImplementedError, match="define start"):
        RequestReplyMachine()
