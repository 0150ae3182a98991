"""What still listens when it should not: new listeners, whose they are, and who made them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from pathlib import Path

from maint.findings import Finding
from maint.ports import clock
from maint.ports.listeners import Listener, mine, owners, sockets_on
from maint.ports.processes import family, process, socket_inodes
from maint.report.cells import printable, shorten

from .binds import Bind
from .census import Census
from .findings import Place, left_behind
from .judge import Judge
from .watched import Made, Watched, Wider

_COMMAND_WIDTH = 100
_TICK_S = 0.02
_MANY = 500


class Leaks:
    """Compares the kernel's lists; knows which listeners wider fixtures have."""

    def __init__(self, census: Census, judge: Judge, root: Path) -> None:
        self._census = census
        self._judge = judge
        self._root = root
        self._makers: dict[int, Made] = {}
        self._many = _MANY
        self._wider: dict[int, Wider] = {}
        self._told: frozenset[Listener] = frozenset()

    def made(self, made: Made) -> None:
        """Remember a bind; of sockets without an inode, the port."""
        if made.bind.inode:
            self._makers[made.bind.inode] = made
        elif made.bind.port and not any(one.bind.inode == 0 for one in made.behind):
            self._makers[-made.bind.port] = made
        if len(self._makers) > self._many:
            alive = {inode for pid in family() for inode in socket_inodes(pid)}
            self._makers = {key: one for key, one in self._makers.items() if key < 0 or key in alive}
            self._many = 2 * len(self._makers) + _MANY

    def in_the_way(self, bind: Bind) -> tuple[Made, ...]:
        """Earlier binds of this process that have the port of ``bind`` right now."""
        if bind.chosen or self._judge.ignored.covers(bind):
            return ()
        same = [one for one in self._makers.values() if _has_port(one, bind)]
        inodes = {one.inode for one in sockets_on(bind.port, bind.proto)} if same else set()
        inodes.intersection_update(socket_inodes("self") if inodes else ())
        seen = {one.bind.inode for one in self._makers.values()}
        # libzmq tells no inode: what has the port in this process, and is not Python's, is its.
        return tuple(one for one in same if (one.bind.inode in inodes if one.bind.inode else inodes - seen))

    def before(self) -> tuple[frozenset[Listener], frozenset[int]]:
        """What there is when a wider fixture is set up."""
        return self._census.take(), family()

    def belongs(self, key: int, name: str, before: tuple[frozenset[Listener], frozenset[int]]) -> None:
        """What is new since ``before`` is the wider fixture's; less what a fixture within it has."""
        listeners, pids = self.before()
        new = listeners - before[0] - self._of_wider()
        taken = {pid for one in self._wider.values() for pid in one.pids}
        self._wider[key] = Wider(name, new, pids - before[1] - taken)

    def of_fixture(self, key: int, watched: Watched) -> list[Finding]:
        """After a wider fixture's teardown."""
        owner = self._wider.pop(key, None)
        if owner is None or not (owner.listeners or owner.pids):
            return []
        left = self._census.settled(lambda now: self._still(owner, now))
        return self._findings(left, watched.place(owner.name))

    def of_test(self, watched: Watched) -> list[Finding]:
        """After the last teardown of a test."""
        left = self._census.settled(lambda now: self._new(now, watched))
        left = {one for one in left if not self._is_older(one, watched)}
        return self._findings(left, watched.place())

    def now(self) -> frozenset[Listener]:
        """What there was when the last test ended; who made what is gone is forgotten."""
        found = self._census.last
        alive = {one.inode for one in found} | {-one.port for one in found}
        many = len(self._makers) > 2 * len(found) + 100
        for key in [key for key in self._makers if (many or key < 0) and key not in alive]:
            del self._makers[key]
        return found

    def maker(self, listener: Listener) -> Made | None:
        """The bind that made a listener, where it was seen."""
        return self._makers.get(listener.inode) or self._makers.get(-listener.port)

    def _still(self, owner: Wider, now: frozenset[Listener]) -> set[Listener]:
        found = set(now & owner.listeners)
        if owner.pids:
            found |= mine(owner.pids) & now
        return {one for one in found - self._told if self._counts(one)}

    def _new(self, now: frozenset[Listener], watched: Watched) -> set[Listener]:
        new = now - watched.before - self._told
        return {one for one in new - self._of_wider() if self._counts(one)} if new else set()

    def _of_wider(self) -> frozenset[Listener]:
        return frozenset().union(*(one.listeners for one in self._wider.values()))

    def _counts(self, listener: Listener) -> bool:
        if self._judge.ignores(listener):
            return False
        made = self.maker(listener)
        if made is not None:
            return not self._judge.ignored.covers(made.bind)
        # To the kernel a udp client is bound as well, to a port of the kernel's choice.
        return listener.proto != "udp" or not self._census.is_ephemeral(listener.port)

    def _is_older(self, listener: Listener, watched: Watched) -> bool:
        """Whether it is not the test's: made between tests, or by a thread or process of before, if late."""
        made = self.maker(listener)
        if made is not None:
            return not made.node_id or made.bind.thread in watched.threads
        pids = set(_pids([listener]).get(listener.inode, ())) - {os.getpid()}
        found = [process(pid) for pid in family() - {os.getpid()}] if pids else []
        # After the ages: time that passes while they are read makes nobody older than the test.
        elapsed = clock.monotonic() - watched.began + _TICK_S
        older = {pid for one in self._wider.values() for pid in one.pids}
        older |= {each.pid for each in found if each and each.age_s is not None and each.age_s > elapsed}
        # With what those have started since: a server's reloader, or its workers.
        return bool(pids) and pids <= frozenset().union(*map(family, older))

    def _findings(self, left: set[Listener], place: Place) -> list[Finding]:
        self._told |= left
        pids = _pids(left)
        return [self._finding(one, pids.get(one.inode, ()), place) for one in sorted(left)]

    def _finding(self, listener: Listener, pids: Iterable[int], place: Place) -> Finding:
        made = self.maker(listener)
        others = [pid for pid in pids if pid != os.getpid()]
        if made is None and others and len(others) == len(tuple(pids)):
            return left_behind(place, listener, _process(others[0]), None)
        if made is None:
            return left_behind(place, listener, "of this process; its bind was not seen", None)
        said = made.said(self._root)
        if others and os.getpid() not in pids:
            said += f", kept open by {_process(others[0])}"
        return left_behind(place, listener, said, made.bind.site)


def _has_port(made: Made, bind: Bind) -> bool:
    return (made.bind.port, made.bind.proto) == (bind.port, bind.proto)


def _pids(listeners: Iterable[Listener]) -> dict[int, tuple[int, ...]]:
    return owners((one.inode for one in listeners if one.inode), family())


def _process(pid: int) -> str:
    found = process(pid)
    command = shlex.join(found.command) if found else ""
    return f"child process {pid}: {shorten(printable(command), _COMMAND_WIDTH)}"
