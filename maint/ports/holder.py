"""Who holds a port: the process, what it runs, and the test that leased it, as far as can be known."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from maint.errors import MaintError
from maint.ports import lockfile
from maint.ports.listeners import describe, sockets_on
from maint.ports.netlink import TIME_WAIT, Socket
from maint.ports.processes import Process, owners, process
from maint.report.cells import printable, shorten

_COMMAND_WIDTH = 120


class Holder(NamedTuple):
    """One process, or leftover, in the way on a port. None is what cannot be known.

    ``does`` is listening, bound, connected, closing, leased or claimed; ``name``, ``worker`` and ``test`` are
    what the holder of a lease wrote down; ``age_s`` is of the lease, else of the process; ``note`` says what
    is not known, and why.
    """

    does: str
    host: str | None = None
    pid: int | None = None
    command: str | None = None
    cwd: str | None = None
    age_s: float | None = None
    name: str | None = None
    worker: str | None = None
    test: str | None = None
    note: str = ""

    def __str__(self) -> str:
        return "; ".join(_words(self))


def holders(port: int, proto: str = "tcp") -> list[Holder]:
    """Everyone in the way on ``port``: its sockets, and who leased or claimed it; empty when it is free.

    Honest about its limits: another user's process, and a process of another container, have no pid here.
    """
    sockets = sockets_on(port, proto)
    noted = _noted(port, proto)
    found = list(_of_sockets(sockets, noted))
    if noted is not None and not any(one.pid == noted.get("pid") for one in found):
        found.append(_of_lease(noted))
    return found


def _noted(port: int, proto: str) -> dict[str, Any] | None:
    try:
        return lockfile.held_by(lockfile.path_of(lockfile.folder(), port, proto))
    except MaintError:
        return None


def _of_sockets(sockets: Iterable[Socket], noted: dict[str, Any] | None) -> Iterator[Holder]:
    known = list(dict.fromkeys(sockets))
    pids = owners(one.inode for one in known if one.inode)
    seen: set[tuple[int, str]] = set()
    for one in sorted(known, key=lambda each: describe(each.state, each.proto) != "listening"):
        does = describe(one.state, one.proto)
        if one.state == TIME_WAIT or not one.inode:
            yield Holder(
                "closing", one.host, note="a closed connection that the kernel keeps for a minute; "
                "a server that sets SO_REUSEADDR can bind at once",
            )  # fmt: skip
            continue
        if one.inode not in pids:
            yield Holder(does, one.host, note=_hidden(one.uid))
        for pid in pids.get(one.inode, ()):
            if (pid, does) not in seen:
                seen.add((pid, does))
                yield _of_process(pid, does, one.host, noted)


def _of_process(pid: int, does: str, host: str | None, noted: dict[str, Any] | None) -> Holder:
    found = process(pid)
    holder = Holder(does, host, pid, _command(found), found and found.cwd, found and found.age_s)
    if noted is None or noted.get("pid") != pid:
        return holder
    return _annotated(holder, noted)


def _of_lease(noted: dict[str, Any]) -> Holder:
    does = "claimed" if noted.get("claim") is True else "leased"
    pid = noted.get("pid")
    if not isinstance(pid, int) or isinstance(pid, bool):
        return Holder(does, note="its holder left no note")
    found = process(pid)
    note = "" if found else "its pid is of another container, or a child kept the lease"
    holder = Holder(does, None, pid, _command(found), found and found.cwd, note=note)
    return _annotated(holder, noted)


def _annotated(holder: Holder, noted: dict[str, Any]) -> Holder:
    """With what people may read in a lock file; its writer is not to be trusted."""
    return holder._replace(
        age_s=_age(noted),
        name=_text(noted.get("name")),
        worker=_text(noted.get("worker")),
        test=_text(noted.get("test")),
    )


def _text(value: object) -> str | None:
    return printable(value[:300]) if isinstance(value, str) and value else None


def _age(noted: dict[str, Any]) -> float | None:
    since = noted.get("since")
    if isinstance(since, bool) or not isinstance(since, int | float):
        return None
    return max(0.0, time.time() - since)


def _command(found: Process | None) -> str | None:
    return printable(shlex.join(found.command)) if found and found.command else None


def _hidden(uid: int) -> str:
    if uid == os.getuid():
        return "its process cannot be seen from here: it is of another container, or just ended"
    return f"its process belongs to user {uid}; ask as that user, or as root"


def _words(holder: Holder) -> Iterator[str]:
    where = f" on {holder.host}" if holder.host else ""
    who = f"pid {holder.pid}" if holder.pid is not None else "a process without a pid here"
    command = f" ({shorten(holder.command, _COMMAND_WIDTH)})" if holder.command else ""
    yield f"{who}{command} {holder.does}{where}" if holder.does != "closing" else f"nobody{where}"
    if holder.name:
        yield f"as {holder.name}"
    if holder.test:
        yield f"in {holder.test}" + (f" on {holder.worker}" if holder.worker else "")
    if holder.age_s is not None:
        yield f"for {duration(holder.age_s)}"
    if holder.cwd:
        yield f"in the folder {printable(holder.cwd)}"
    if holder.note:
        yield holder.note


def duration(seconds: float) -> str:
    """``4 s``, ``3 min``, ``2 h``, ``5 days``."""
    for limit, size, unit in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86_400:.0f} days"
