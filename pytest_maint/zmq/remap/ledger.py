"""What the processes of one test did to its remapped ports, in a file that all of them append to.

The standard library only: child processes import it too.
"""

# ruff: noqa: PTH110, PTH115, PTH123
# os and open: what a child imports, it pays for.

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager, suppress

TYPE_CHECKING = False  # not from typing, which a child would have to import
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

VARIABLE = "MAINT_ZMQ_REMAP"


class Address:
    """Where the ledger is, as one environment variable.

    ``link`` is what ``/proc`` calls a file in memory: a process number that was given to another program
    shows another name. Empty where the file lies in a folder.
    """

    def __init__(self, path: str, link: str, base: str) -> None:
        self.path = path
        self.link = link
        self.base = base

    @classmethod
    def parse(cls, text: str) -> Address | None:
        """The address in an environment variable, or None."""
        fields = text.split("\n")
        return cls(*fields) if len(fields) == 3 else None

    def __str__(self) -> str:
        return "\n".join((self.path, self.link, self.base))

    @property
    def is_alive(self) -> bool:
        """False when the session that it belongs to is over."""
        try:
            return os.readlink(self.path).startswith(self.link) if self.link else os.path.exists(self.path)
        except OSError:
            return False


class Options:
    """How one test remaps. ``transport`` is empty between tests; ``leave`` holds hosts and ports."""

    __slots__ = ("leave", "local", "test", "transport")

    def __init__(
        self, test: int, transport: str, local: tuple[str, ...] = (), leave: tuple[str, ...] = ()
    ) -> None:
        self.test = test
        self.transport = transport
        self.local = local
        self.leave = leave


class Entry:
    """One deed: ``kind`` is bind, unbind, connect, disconnect, refused, retried, crossed or remote.

    ``endpoint`` is in tcp terms, ``place`` is ``file:line``; ``socket`` names a socket among all processes,
    ``context`` the context within its process.
    """

    __slots__ = ("context", "endpoint", "kind", "pid", "place", "port", "socket", "test", "type")

    def __init__(
        self,
        test: int,
        kind: str,
        port: int,
        endpoint: str,
        type: str,
        place: str,
        pid: int,
        socket: str,
        context: int,
    ) -> None:
        self.test = test
        self.kind = kind
        self.port = port
        self.endpoint = endpoint
        self.type = type
        self.place = place
        self.pid = pid
        self.socket = socket
        self.context = context

    def __repr__(self) -> str:
        return f"<{self.kind} {self.endpoint} by {self}>"

    def __str__(self) -> str:
        return f"{self.type} at {self.place}, process {self.pid}"


class Ledger:
    """Read and appended by any number of processes."""

    def __init__(self, address: Address) -> None:
        self.address = address

    def options(self) -> Options | None:
        """How the current test remaps; None when none does."""
        found = None
        for line in self._lines():
            if line[0] == "options":
                found = Options(line[1], line[2], tuple(line[3]), tuple(line[4]))
        return found if found is not None and found.transport else None

    def entries(self, test: int) -> list[Entry]:
        """What was done in one test, in order."""
        return [Entry(*line[1:]) for line in self._lines() if line[0] == "entry" and line[1] == test]

    def holder(self, test: int, port: int) -> Entry | None:
        """Who has the port bound now; a process that was killed has nothing bound."""
        held: dict[str, Entry] = {}
        for entry in self.entries(test):
            if entry.port != port:
                continue
            if entry.kind == "bind":
                held[entry.socket] = entry
            elif entry.kind == "unbind":
                held.pop(entry.socket, None)
        return next((entry for entry in held.values() if _runs(entry.pid)), None)

    def choose(self, options: Options) -> None:
        """Let every process remap like this from now on."""
        self._append(["options", options.test, options.transport, list(options.local), list(options.leave)])

    def add(self, entry: Entry) -> None:
        """Note a deed; one that cannot be written is lost, never an error of the code under test."""
        self._append(["entry", *(getattr(entry, name) for name in _FIELDS)])

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other threads and processes out: between a look at who has a port and its bind."""
        descriptor = os.open(self.address.path, os.O_RDONLY | os.O_CLOEXEC) if self.address.is_alive else -1
        try:
            if descriptor >= 0:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            if descriptor >= 0:
                os.close(descriptor)

    def _append(self, line: list[object]) -> None:
        if not self.address.is_alive:
            return
        with suppress(OSError):
            descriptor = os.open(self.address.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
            try:
                os.write(descriptor, json.dumps(line).encode("ascii") + b"\n")
            finally:
                os.close(descriptor)

    def _lines(self) -> Iterator[list[Any]]:
        if not self.address.is_alive:
            return
        with suppress(OSError), open(self.address.path, encoding="ascii") as file:
            yield from map(json.loads, file.read().splitlines())


_FIELDS = ("test", "kind", "port", "endpoint", "type", "place", "pid", "socket", "context")


def _runs(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except OSError:
        return True  # someone else's, or a system without /proc
