"""The ledger of a machine's GPU memory: tests of all workers and sessions take their budget from it."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from socket import socket

import msgspec

from maint.errors import MaintError
from maint.gpu.bell import new_bell, ring, sleep
from maint.gpu.lock import LedgerError, held, remove
from maint.gpu.processes import is_alive, namespace, start_time
from maint.gpu.queueing import Ticket, admit, room
from maint.gpu.wording import blame, shortage
from maint.report.cells import encodable

# Longest sleep of a waiter. It is woken by whoever makes room, and by the kernel when somebody dies; this is
# for what neither sees: a ledger deleted by hand, a bell that was rung in another network namespace.
_CAUTION_S = 5.0
_FILE, _FRESH = "ledger.json", "ledger.new"


class NoRoomError(MaintError):
    """The budget is larger than any card the test may use; ``str()`` has both numbers."""


class WaitError(MaintError):
    """The budget was not to be had in time; ``str()`` says who holds what."""


class Member(msgspec.Struct, frozen=True):
    """A process that takes part."""

    pid: int
    started: int


def _this_process() -> Member:
    return Member(os.getpid(), start_time(os.getpid()))


class State(msgspec.Struct, omit_defaults=True):
    """What the ledger's file holds: ``free`` is by card, in bytes, as it was when the first member joined."""

    next: int = 0
    free: dict[str, int] = {}
    members: list[Member] = []
    tickets: list[Ticket] = []


def ledger_folder() -> Path:
    """Where this user's ledger is: ``$XDG_RUNTIME_DIR``, else ``/dev/shm``, else the temporary files.

    The first two are in memory: replacing a file on a disk takes milliseconds (ext4 writes it out first).
    """
    named = os.environ.get("XDG_RUNTIME_DIR", "")
    places = (named, "/dev/shm", tempfile.gettempdir())
    usable = (place for place in places if place.startswith("/") and os.access(place, os.W_OK | os.X_OK))
    return Path(next(usable, places[-1])) / f"pytest-maint-{os.getuid()}" / f"vram-{namespace()}"


def peek(folder: Path) -> State:
    """What the ledger in ``folder`` holds now, of the living; empty where there is none."""
    try:
        state = msgspec.json.decode((folder / _FILE).read_bytes(), type=State)
    except (OSError, msgspec.DecodeError):
        return State()
    _reap(state)
    return state


def sweep(folder: Path) -> None:
    """Take away the ledger in ``folder`` when all its members are dead; raises LedgerError."""
    if folder.is_dir():
        with _locked(folder, {}) as state:
            _reap(state)


class Ledger:
    """One process's access to the ledger in ``folder``, which all that share the cards have to name alike.

    ``folder`` and the one above it are made when missing, and taken away when empty.
    A ticket is its process's: the kernel ends locks and wakes waiters when that dies, however it does.
    Raises LedgerError where the folder cannot be used.
    """

    def __init__(self, folder: Path, measure: Callable[[], Mapping[str, int]]) -> None:
        """Join; the first to do so calls ``measure`` for the bytes that each card has to give."""
        self._folder = folder
        self._free: dict[str, int] = {}
        with _locked(self._folder, self._free) as state:
            _reap(state)
            if not state.members:
                state.free = dict(measure())
                state.tickets = []
            self._free = dict(state.free)
            self._member = _this_process()
            state.members.append(self._member)

    @property
    def free(self) -> Mapping[str, int]:
        """Bytes that tests may share, by card."""
        return self._free

    def acquire(
        self,
        size: int,
        *,
        owner: str,
        wait_s: float,
        cards: Sequence[str] = (),
        reserve: int = 0,
        exclusive: bool = False,
    ) -> Ticket:
        """Wait for ``size`` bytes on one of ``cards`` (all, if none is named) and return the ticket.

        Raises NoRoomError at once where no card is that large, and WaitError after ``wait_s`` seconds.
        """
        if self._member.pid != os.getpid():  # a fork
            self._member = _this_process()
        ticket = Ticket(
            number=-1,
            pid=self._member.pid,
            started=self._member.started,
            owner=encodable(owner),
            size=size,
            cards=tuple(cards) or tuple(self._free),
            reserve=reserve,
            exclusive=exclusive,
            since=time.time(),
        )
        largest = room(self._free, ticket)
        if size > largest:
            raise NoRoomError(shortage(ticket, self._free, largest))
        with contextlib.ExitStack() as stack:
            with _locked(self._folder, self._free) as state:
                ticket = _enter(state, ticket)
                if ticket.card:
                    return ticket
                bell = stack.enter_context(new_bell())
                ticket = _replace(state, msgspec.structs.replace(ticket, bell=bell.getsockname().hex()))
            try:
                return self._wait(ticket, bell, time.monotonic() + wait_s)
            except BaseException:
                self.release(ticket)
                raise

    def release(self, ticket: Ticket) -> None:
        """Give back what ``ticket`` holds, or its place in the queue."""
        with _locked(self._folder, self._free) as state:
            state.tickets = [one for one in state.tickets if not _same(one, ticket)]
            _settle(state)

    def leave(self) -> None:
        """End this process's part; the last one takes the ledger away."""
        with _locked(self._folder, self._free) as state:
            _reap(state)
            state.members = [one for one in state.members if one.pid != os.getpid()]
            state.tickets = [one for one in state.tickets if one.pid != os.getpid()]
            _settle(state)

    def _wait(self, ticket: Ticket, bell: socket, deadline: float) -> Ticket:
        while True:
            with _locked(self._folder, self._free) as state:
                _reap(state)
                _settle(state)
                found = next((one for one in state.tickets if _same(one, ticket)), None)
                if found is None:  # somebody deleted the ledger: back into the queue, at its end
                    ticket = found = _enter(state, ticket)
                others = [one for one in state.tickets if not _same(one, ticket)]
            if found.card:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                raise WaitError(blame(ticket, others, time.time()))
            sleep(bell, {one.pid: one.started for one in others}, min(left, _CAUTION_S))


@contextlib.contextmanager
def _locked(folder: Path, free: Mapping[str, int]) -> Iterator[State]:
    """The state, which nobody else reads or writes meanwhile; written where it was changed.

    ``free`` is what the cards are taken to have where the file was deleted or damaged.
    """
    try:
        with held(folder):
            state, before = _read(folder, free)
            yield state
            _write(folder, state, before)
    except OSError as error:
        cause = (error.strerror or str(error)).lower()
        raise LedgerError(
            f"{folder}: the ledger of GPU memory cannot be kept there ({cause}); "
            "set XDG_RUNTIME_DIR to a writable folder"
        ) from None


# Here paths are text, and files unbuffered: twice for each marked test, that is half of what a ledger costs.
def _read(folder: Path, free: Mapping[str, int]) -> tuple[State, bytes]:
    try:
        with open(f"{folder}/{_FILE}", "rb", buffering=0) as opened:  # noqa: PTH123
            content = opened.read()
        return msgspec.json.decode(content, type=State), content
    except (FileNotFoundError, msgspec.DecodeError):
        return State(free=dict(free)), b""


def _write(folder: Path, state: State, before: bytes) -> None:
    # Beside it and renamed: who is killed while writing leaves the old state, and the next this name.
    if not (state.members or state.tickets):
        remove(folder, _FILE, _FRESH)
        return
    content = msgspec.json.encode(state)
    if content != before:
        with open(f"{folder}/{_FRESH}", "wb", buffering=0) as written:  # noqa: PTH123
            if written.write(content) < len(content):  # no room left: better the old state than half of this
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.replace(f"{folder}/{_FRESH}", f"{folder}/{_FILE}")  # noqa: PTH105


def _enter(state: State, ticket: Ticket) -> Ticket:
    """Queue ``ticket`` at the end, and return it as it is then: it may have been given a card."""
    ticket = msgspec.structs.replace(ticket, number=state.next)
    state.next += 1
    state.tickets.append(ticket)
    _settle(state)
    return next(one for one in state.tickets if _same(one, ticket))


def _same(one: Ticket, other: Ticket) -> bool:
    return (one.number, one.pid) == (other.number, other.pid)


def _replace(state: State, ticket: Ticket) -> Ticket:
    state.tickets = [ticket if _same(one, ticket) else one for one in state.tickets]
    return ticket


def _settle(state: State) -> None:
    """Give out what is free, and wake those who got it.

    The dead are struck out by those who wait for them, whom the kernel wakes.
    """
    before = {ticket.number: ticket.card for ticket in state.tickets}
    state.tickets = admit(state.free, state.tickets)
    given = [one for one in state.tickets if one.card and not before[one.number]]
    waiting = [one for one in state.tickets if not one.card]
    # Those who wait on watch whom they wait for, so they have to hear of somebody who went past them.
    passed = given and waiting and given[-1].number > waiting[0].number
    bells = [one.bell for one in (*given, *(waiting if passed else ())) if one.bell]
    if bells:
        ring(bells)


def _reap(state: State) -> bool:
    """Strike out the dead; says whether there were any."""
    number = len(state.members) + len(state.tickets)
    known: dict[tuple[int, int], bool] = {}
    rows: tuple[Member | Ticket, ...] = (*state.members, *state.tickets)
    for row in rows:
        if (row.pid, row.started) not in known:
            known[row.pid, row.started] = is_alive(row.pid, row.started)
    state.members = [one for one in state.members if known[one.pid, one.started]]
    state.tickets = [one for one in state.tickets if known[one.pid, one.started]]
    return len(state.members) + len(state.tickets) < number
