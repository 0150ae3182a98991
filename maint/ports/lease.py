"""Leases: ports that no other lease of this machine gets until they are released, or their holder ends."""

from __future__ import annotations

import contextlib
import os
import random
import time
from typing import TYPE_CHECKING, Any

from maint.errors import MaintError
from maint.ports import lockfile, probe
from maint.ports.hosts import ANY_V4, ANY_V6
from maint.ports.ranges import shown
from maint.report.cells import counted

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path

# Not the module's generator: tests seed that one alike in every worker, and all would start at one port.
_RANDOM = random.SystemRandom()
# lock files that somebody made unusable, before it is said to be the folder
_MOST_SPOILED = 100


class Lease:
    """One leased port; also a context manager. Use it in the process that leased it.

    A fork gets no part in it. To hand it to a program, pass ``fileno()`` in ``pass_fds``.
    """

    __slots__ = ("_descriptor", "_path", "_pid", "_placeholders", "name", "port", "proto")

    def __init__(self, port: int, proto: str, name: str, path: Path, descriptor: int) -> None:
        self.port = port
        self.proto = proto
        self.name = name
        self._path = path
        self._descriptor = descriptor
        self._pid: int | None = os.getpid()
        self._placeholders: list[int] = []

    def __repr__(self) -> str:
        return f"Lease({self.proto} {self.port})"

    def __enter__(self) -> Lease:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def fileno(self) -> int:
        """The descriptor whose lock is the lease."""
        return self._descriptor

    def url(self, scheme: str = "", host: str = "127.0.0.1") -> str:
        """``tcp://127.0.0.1:20123``; the scheme is the protocol unless given."""
        shown_host = f"[{host}]" if ":" in host else host
        return f"{scheme or self.proto}://{shown_host}:{self.port}"

    def env(self, name: str) -> dict[str, str]:
        """``{name: port}``, to merge into the environment of a program."""
        return {name: str(self.port)}

    def hold(self) -> None:
        """Bind the port, without listening, until the release: nobody outside of leases gets it either.

        For servers that set SO_REUSEADDR themselves (asyncio, http.server, libzmq); others would be refused.
        Raises ValueError for udp, where such a placeholder would take the server's datagrams; OSError
        where somebody bound the port meanwhile.
        """
        if self.proto != "tcp":
            raise ValueError(
                f"hold(): {self.proto} {self.port}: only a tcp port can be held; bind it at once"
            )
        if self._placeholders:
            return
        for address in (ANY_V4, ANY_V6):
            try:
                made = probe.bound(address, self.port, self.proto, reuse=True)
                self._placeholders.append(lockfile.keep(made))
            except OSError:
                if not probe.is_free(self.port, self.proto, address, reuse=True):
                    self._let_go()
                    raise

    def release(self) -> None:
        """Give the port back; a second time, and in a fork, nothing."""
        # In a fork the descriptors are closed, and their numbers may be somebody else's.
        if self._pid == os.getpid():
            self._pid = None
            self._let_go()
            lockfile.unlock(self._descriptor, self._path)

    def _let_go(self) -> None:
        while self._placeholders:
            lockfile.close(self._placeholders.pop())


class Leasing:
    """Leases out of ``ports``, without those in ``avoid`` (registered ones, say).

    ``about`` is written into each lock file next to pid, name and time, for whoever asks who has a port:
    ``worker`` and ``test``. Raises MaintError where there can be no leases: see `lockfile.folder`.
    """

    def __init__(
        self,
        ports: range,
        *,
        avoid: Container[int] = (),
        about: dict[str, Any] | None = None,
        place: Path | None = None,
    ) -> None:
        self._ports = ports
        self._avoid = avoid
        self._about = about or {}
        self._place = place or lockfile.folder()
        lockfile.sweep(self._place)

    def lease(self, name: str = "", *, proto: str = "tcp") -> Lease:
        """One port; MaintError when all are taken."""
        return self.leases(1, name, proto=proto)[0]

    def leases(
        self, count: int, name: str = "", *, proto: str = "tcp", contiguous: bool = False
    ) -> tuple[Lease, ...]:
        """Several ports at once, ``contiguous`` ones in rising order without a gap.

        Raises ValueError for a count under 1 or an unknown protocol, MaintError when there are not as many.
        """
        if count < 1 or proto not in ("tcp", "udp"):
            raise ValueError(f"count={count}, proto={proto!r}: expected at least 1, and 'tcp' or 'udp'")
        found: list[Lease] = []
        spoiled: list[MaintError] = []
        try:
            # past the start again, for a row that lies across it
            for port in self._candidates(count - 1 if contiguous else 0):
                if contiguous and found and found[-1].port + 1 != port:
                    _release(found)
                if (lease := self._take(port, name, proto, spoiled)) is not None:
                    found.append(lease)
                    if len(found) == count:
                        return tuple(found)
                elif contiguous:
                    _release(found)
        except BaseException:
            _release(found)
            raise
        _release(found)
        if spoiled:
            raise spoiled[0]
        wanted = counted(count, f"{proto} port") + (" in a row" if contiguous else "")
        raise MaintError(
            f"{wanted}: not free in {shown(self._ports)}, leased or in use; "
            "release leases, or widen lease_range in [tool.maint.ports]"
        )

    def _candidates(self, further: int) -> Iterator[int]:
        start = _RANDOM.randrange(len(self._ports))
        for index in range(start, start + len(self._ports) + further):
            port = self._ports[index % len(self._ports)]
            if port not in self._avoid:
                yield port

    def _take(self, port: int, name: str, proto: str, spoiled: list[MaintError]) -> Lease | None:
        path = lockfile.path_of(self._place, port, proto)
        try:
            descriptor = lockfile.lock(path)
        except MaintError as error:
            # one file that is not ours to open costs its port, and no other
            spoiled.append(error)
            if len(spoiled) > _MOST_SPOILED:
                raise
            return None
        if descriptor is None:
            return None
        try:
            if probe.is_free(port, proto):
                about = {"pid": os.getpid(), "name": name, "since": time.time()}
                lockfile.note(descriptor, {**self._about, **about})
                return Lease(port, proto, name, path, descriptor)
        except BaseException:
            lockfile.unlock(descriptor, path)
            raise
        lockfile.unlock(descriptor, path)
        return None


def _release(leases: list[Lease]) -> None:
    while leases:
        with contextlib.suppress(OSError):
            leases.pop().release()
