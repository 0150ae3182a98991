"""How sockets, contexts and waits are told in a sentence."""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Iterable
from pathlib import Path

from maint.report.cells import counted, printable
from pytest_maint.zmq.watch.records import ContextRecord, Site, SocketRecord, caller, current_frames

_STACK_LINES = 12
_UNTOLD = {"_pytest", "pytest", "pluggy", "pytest_maint", "<frozen runpy>"}


def place(site: Site, root: Path) -> str:
    """``app/bus.py:41``; relative to ``root`` where it lies in there."""
    return f"{relative(site, root)}:{site.line}"


def relative(site: Site, root: Path) -> str:
    """The path of ``site`` as reports give it."""
    path = Path(site.path)
    inside = path.relative_to(root) if path.is_relative_to(root) else path
    return printable(inside.as_posix())


def named(record: SocketRecord, root: Path) -> str:
    """``PUSH of app/bus.py:41``."""
    return f"{record.type} of {place(record.created, root)}"


def attached(record: SocketRecord) -> str:
    """Its endpoints: ``bound to tcp://*:5556, connected to inproc://a``."""
    ways = (("bound to", record.bound), ("connected to", record.connected))
    told = [f"{way} {printable(', '.join(endpoints))}" for way, endpoints in ways if endpoints]
    return ", ".join(told) or "neither bound nor connected"


def unsent(record: SocketRecord) -> str:
    """What may not have arrived: libzmq does not tell what it still holds."""
    return f"{counted(record.sent, 'message')} sent, possibly not all delivered" if record.sent else ""


def users(record: SocketRecord, root: Path) -> str:
    """The other thread that uses it, and where that is now; empty where none does."""
    thread = record.elsewhere
    if thread is None:
        return ""
    site = record.position()
    doing = f"in {record.doing} " if record.doing else ""
    return f"in use by thread {printable(thread.name)!r}" + (
        f", {doing}at {place(site, root)}" if site else ""
    )


def detail(record: SocketRecord, root: Path) -> str:
    """All that is known beside its name."""
    return "; ".join(filter(None, (attached(record), unsent(record), users(record, root))))


def holding(record: ContextRecord, root: Path) -> str:
    """The sockets that keep a context from ending."""
    held = [f"{named(each, root)} ({detail(each, root)})" for each in record.holders]
    return ", ".join(held) or "sockets that were created before the guard looked"


def wait(
    record: SocketRecord, verb: str, limit: float | None, others: Iterable[SocketRecord], root: Path
) -> str:
    """Who waited for whom: ``record`` for the other ends of its endpoints, found among ``others``.

    ``limit`` is the time-out in seconds.
    """
    took = f" {limit:g} s" if limit is not None else ""
    lines = [f"zmq: {named(record, root)} waited{took} to {verb}, {attached(record)}"]
    mine = {folded(each) for each in record.endpoints}
    met = [each for each in others if each is not record and mine & {folded(one) for one in each.endpoints}]
    ends = [each for each in met if _meets(record, each)]
    lines += [f"  other end: {named(each, root)}, {_state(each, root)}" for each in ends]
    if not ends and record.endpoints:
        same = "".join(f"; {named(each, root)} is {attached(each)} as well" for each in met)
        lacking = "connects to it" if record.bound else "binds it"
        lines.append(f"  other end: no socket of this process {lacking}{same}")
    return "\n".join(lines)


def folded(endpoint: str) -> str:
    """``endpoint`` so that both ends of it are equal: of tcp the port alone."""
    return f"tcp:{endpoint.rpartition(':')[2]}" if endpoint.startswith("tcp://") else endpoint


def stacks(root: Path) -> dict[str, list[str]]:
    """Where every thread is, by its name, innermost line last; without the frames of pytest and of ours."""
    frames = current_frames()
    found = {}
    for thread, frame in frames.items():
        if not thread.name.startswith("maint-"):
            lines = [each for each in traceback.extract_stack(frame) if _told(each.filename)]
            shown = [f"{_short(line.filename, root)}:{line.lineno} {line.name}" for line in lines]
            found[printable(thread.name)] = [printable(line) for line in shown[-_STACK_LINES:]]
    return {name: lines for name, lines in found.items() if lines}


def _told(path: str) -> bool:
    return not any(part in _UNTOLD for part in Path(path).parts) and path != threading.__file__


def _short(path: str, root: Path) -> str:
    return os.path.relpath(path, root) if Path(path).is_relative_to(root) else path


def _meets(one: SocketRecord, other: SocketRecord) -> bool:
    bound, connected = set(map(folded, other.bound)), set(map(folded, other.connected))
    return bool(bound & set(map(folded, one.connected)) or connected & set(map(folded, one.bound)))


def _state(record: SocketRecord, root: Path) -> str:
    if record.closed:
        return "which is closed"
    if record.user is threading.current_thread():
        return "of this same thread"
    frame = current_frames().get(record.user)
    if frame is None:
        return "whose thread has ended"
    return f"whose thread is at {place(caller(frame), root)}"
