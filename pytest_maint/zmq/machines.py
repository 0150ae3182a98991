"""Rule-based state machines of hypothesis for servers: lockstep of replies, and churn of identities."""

from __future__ import annotations

import itertools
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from maint.errors import MaintError
from maint.extras import require

require("zmq")
require("hypothesis")

import zmq  # noqa: E402 - after the check that it is there
from hypothesis import Phase, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule  # noqa: E402

_NUMBERS = itertools.count(1)
_SESSION = secrets.token_hex(4)

Frames = list[bytes]


def _of_machine(name: str) -> st.SearchStrategy[Any]:
    """The strategy that the subclass has under ``name``."""
    return st.runner().flatmap(lambda machine: getattr(machine, name))


_CLIENT = st.runner().flatmap(lambda machine: st.integers(0, machine.number_of_clients - 1))
_NAME = st.runner().flatmap(lambda machine: st.sampled_from(machine.names))


class ServedMachine(RuleBasedStateMachine):
    """A server of the subclass, and clients that the machine drives; each run has a context of its own.

    ``timeout`` (s) is how long a reply may take of a server that has a thread. One that works in `step` is
    the better choice: over inproc it has answered when that returns, so a failing run waits for nothing.
    """

    transport: ClassVar[str] = "inproc"
    timeout: ClassVar[float] = 1.0

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        # A broken lockstep breaks in many places: shrinking each of them, and trying what else would break,
        # takes minutes where the first one takes seconds.
        given = cls.TestCase.settings
        phases = [each for each in given.phases if each is not Phase.explain]
        cls.TestCase.settings = settings(given, report_multiple_bugs=False, phases=phases)

    def __init__(self) -> None:
        super().__init__()
        self._folder: TemporaryDirectory[str] | None = None
        self.context: zmq.Context[zmq.SyncSocket] = zmq.Context()
        self.context.setsockopt(zmq.LINGER, 0)
        for option in (zmq.RCVTIMEO, zmq.SNDTIMEO):
            self.context.setsockopt(option, round(self.timeout * 1000))
        self.endpoint = self._fresh()
        self.clients: dict[Any, zmq.SyncSocket] = {}
        try:
            self.start()
        except BaseException:
            ServedMachine.teardown(self)
            raise

    def start(self) -> None:
        """Bind the server to ``self.endpoint``, with sockets of ``self.context``."""
        raise NotImplementedError(f"{type(self).__name__}: define start(), which binds the server")

    def step(self) -> None:
        """Let a server without a thread work off what has arrived, without waiting for more."""

    def stop(self) -> None:
        """Close the server's sockets; a server with a thread has ended it when this returns."""

    def check(self, request: Frames, reply: Frames) -> None:
        """Raise AssertionError where ``reply`` is not the one to ``request``."""

    def teardown(self) -> None:
        """Called by hypothesis at the end of each run."""
        for each in self.clients.values():
            each.close(linger=0)
        try:
            self.stop()
        finally:
            # those of a server that failed half-way; without them, term() would wait for ever
            self.context.destroy(linger=0)
            if self._folder is not None:
                self._folder.cleanup()

    def connected(self, type: int, identity: bytes | None = None) -> zmq.SyncSocket:
        """One more client socket."""
        socket = self.context.socket(type)
        if identity is not None:
            socket.setsockopt(zmq.ROUTING_ID, identity)
        socket.connect(self.endpoint)
        return socket

    def answered(self, socket: zmq.SyncSocket) -> bool:
        """Whether the server, given its turn, lets ``socket`` have something to receive."""
        stepping = type(self).step is not ServedMachine.step
        self.step()
        at_once = stepping and self.transport == "inproc"
        return bool(socket.poll(0 if at_once else round(self.timeout * 1000)))

    def _fresh(self) -> str:
        name = f"maint-machine-{_SESSION}-{next(_NUMBERS)}"
        if self.transport == "inproc":
            return f"inproc://{name}"
        if self.transport != "ipc":
            raise MaintError(f"transport is {self.transport!r}; give 'inproc' or 'ipc'")
        if sys.platform == "linux":
            return f"ipc://@{name}"
        self._folder = TemporaryDirectory(prefix="mz", dir="/tmp")
        return f"ipc://{Path(self._folder.name, name)}"


class RequestReplyMachine(ServedMachine):
    """REQ clients in lockstep with a server: who has asked gets the reply to that, whatever others do.

    The subclass gives ``requests``, and perhaps ``malformed``, to which any reply will do: a server that
    leaves one unanswered has a client that waits for ever. Between them clients act out of turn, which libzmq
    refuses with EFSM, and go away before they are answered.
    """

    requests: ClassVar[st.SearchStrategy[Frames]]
    malformed: ClassVar[st.SearchStrategy[Any]] = st.nothing()
    number_of_clients: ClassVar[int] = 2

    def __init__(self) -> None:
        super().__init__()
        self._asked: dict[int, tuple[Frames, bool]] = {}
        for number in range(self.number_of_clients):
            self.clients[number] = self.connected(zmq.REQ)

    @rule(client=_CLIENT, request=_of_machine("requests"))
    def ask(self, client: int, request: Frames) -> None:
        """A request; where the client still waits for a reply, one out of turn."""
        self._send(client, request, well_formed=True)

    @precondition(lambda self: not self.malformed.is_empty)
    @rule(client=_CLIENT, request=_of_machine("malformed"))
    def ask_malformed(self, client: int, request: Frames) -> None:
        """A message that is no request."""
        self._send(client, request, well_formed=False)

    @rule(client=_CLIENT)
    def receive(self, client: int) -> None:
        """The reply; where the client did not ask, an attempt to receive out of turn."""
        socket = self.clients[client]
        if client not in self._asked:
            _refused(lambda: socket.recv_multipart(zmq.NOBLOCK), f"client {client} received out of turn")
            return
        request, well_formed = self._asked.pop(client)
        assert self.answered(socket), f"client {client} got no reply to {request!r}"
        reply = socket.recv_multipart(zmq.NOBLOCK)
        if well_formed:
            self.check(request, reply)

    @precondition(lambda self: self._asked)
    @rule(client=_CLIENT)
    def leave(self, client: int) -> None:
        """Close without waiting for the reply, and come back as somebody else."""
        self.clients[client].close(linger=0)
        self._asked.pop(client, None)
        self.clients[client] = self.connected(zmq.REQ)

    def teardown(self) -> None:
        """Nobody is left without a reply."""
        try:
            for client in list(self._asked) if _unharmed() else ():
                self.receive(client)
        finally:
            super().teardown()

    def _send(self, client: int, frames: Frames, *, well_formed: bool) -> None:
        socket = self.clients[client]
        if client in self._asked:
            _refused(lambda: socket.send_multipart(frames, zmq.NOBLOCK), f"client {client} sent out of turn")
        else:
            socket.send_multipart(frames)
            self._asked[client] = frames, well_formed


class IdentityChurnMachine(ServedMachine):
    """DEALER clients that come, go, and come back under the identity that they had, to a ROUTER server.

    Each gets the replies to its own requests and nothing else, neither what was meant for somebody else nor
    what was left for it when it was gone. With ``takes_over``, which needs ROUTER_HANDOVER, a client that
    comes while its old connection still stands is the one that is heard; a crashed client comes back so.
    With `push` the server also tells whom it can reach, which needs ROUTER_MANDATORY.
    """

    requests: ClassVar[st.SearchStrategy[Frames]]
    names: ClassVar[tuple[bytes, ...]] = (b"a", b"b")
    takes_over: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self._known: set[bytes] = set()

    def push(self, identity: bytes, message: Frames) -> bool:
        """Send to a client without being asked; False where it is not there."""
        raise NotImplementedError

    @rule(name=_NAME, request=_of_machine("requests"))
    def ask(self, name: bytes, request: Frames) -> None:
        """A request, by a client that connects for it if it has to."""
        socket = self.clients.get(name)
        if socket is None:
            socket = self.clients[name] = self.connected(zmq.DEALER, name)
        self._served(name, socket, request)

    @precondition(lambda self: self.takes_over)
    @rule(name=_NAME, request=_of_machine("requests"))
    def take_over(self, name: bytes, request: Frames) -> None:
        """A second connection under the same identity, while the first one stands."""
        old = self.clients.get(name)
        self.clients[name] = socket = self.connected(zmq.DEALER, name)
        try:
            self._served(name, socket, request)
        finally:
            if old is not None:
                old.close(linger=0)

    @rule(name=_NAME)
    def go(self, name: bytes) -> None:
        """Close without a word."""
        if name in self.clients:
            self.clients.pop(name).close(linger=0)

    @precondition(lambda self: self._pushes)
    @rule(name=_NAME, message=_of_machine("requests"))
    def be_pushed(self, name: bytes, message: Frames) -> None:
        """What the server sends of its own accord arrives, or the server says that nobody is there."""
        socket = self.clients.get(name)
        if socket is not None and name in self._known:
            assert self.push(name, message), f"{name!r} is there, and the server cannot reach it"
            assert self.answered(socket), f"{name!r} was sent {message!r}, which did not arrive"
            arrived = _payload(socket.recv_multipart(zmq.NOBLOCK))
            assert arrived == message, f"{name!r} was sent {message!r}, and got {arrived!r}"
        elif socket is None:
            self._unreachable(name, message)

    def teardown(self) -> None:
        """No client has got more than it asked for."""
        try:
            for name, socket in self.clients.items() if _unharmed() else ():
                assert not socket.poll(0), (
                    f"{name!r} got what it did not ask for: {socket.recv_multipart()!r}"
                )
        finally:
            super().teardown()

    @property
    def _pushes(self) -> bool:
        return type(self).push is not IdentityChurnMachine.push

    def _served(self, name: bytes, socket: zmq.SyncSocket, request: Frames) -> None:
        socket.send_multipart([b"", *request])
        assert self.answered(socket), f"{name!r} got no reply to {request!r}"
        self._known.add(name)
        self.check(request, _payload(socket.recv_multipart(zmq.NOBLOCK)))
        assert not socket.poll(0), f"{name!r} got one more reply to {request!r}: {socket.recv_multipart()!r}"

    def _unreachable(self, name: bytes, message: Frames) -> None:
        """libzmq takes a moment to notice that a peer has gone; what is sent until then is lost."""
        deadline = time.monotonic() + self.timeout
        while self.push(name, message):
            self.step()
            assert time.monotonic() < deadline, (
                f"{name!r} is not there, and the server says that it was reached"
            )
        self._known.discard(name)


def _unharmed() -> bool:
    """Whether the run got this far without a failure, which others at its end would hide."""
    return sys.exc_info()[0] is None


def _refused(call: Callable[[], Any], otherwise: str) -> None:
    try:
        call()
    except zmq.ZMQError as error:
        if error.errno == zmq.EFSM:
            return
        raise
    raise AssertionError(f"{otherwise}: this is no lockstep")


def _payload(frames: Frames) -> Frames:
    return frames[1:] if frames[:1] == [b""] else frames
