"""Who has the port that a test could not bind."""

from __future__ import annotations

import errno
import os

from maint.findings import Finding
from maint.ports.holder import Holder, holders

from .findings import address, in_use
from .watched import Made, Watched


def is_refusal(error: BaseException | None) -> bool:
    """Whether an address that was in use led to ``error``: an OSError, or libzmq's."""
    seen: set[int] = set()
    todo = [error]
    while todo:
        one = todo.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        if getattr(one, "errno", None) == errno.EADDRINUSE:
            return True
        todo += [one.__context__, one.__cause__]
        if isinstance(one, BaseExceptionGroup):
            todo += one.exceptions
    return False


def blamed(watched: Watched) -> tuple[str, list[str], Finding] | None:
    """A title, lines and the finding about the port in question; None where no bind of one was seen."""
    tried: dict[tuple[int, str], Made] = {}
    for one in reversed(watched.binds):
        tried.setdefault((one.bind.port, one.bind.proto), one)
    if not tried:
        return None
    looked = ((one, _holders(one)) for one in tried.values())
    made, found = next((pair for pair in looked if pair[1] or pair[0].behind), (watched.binds[-1], []))
    lines = [f"this process: {one.said(watched.root)} {_during(one)}" for one in made.behind]
    lines += map(str, found)
    finding = in_use(watched.place(), made.bind, lines)
    title = f"who has {address(made.bind.host, made.bind.port, made.bind.proto)}"
    return title, lines or ["nobody any more: whoever had it is gone"], finding


def _holders(made: Made) -> list[Holder]:
    """Without this test's own lease of the port."""
    found = holders(made.bind.port, made.bind.proto)
    return [one for one in found if one.pid != os.getpid() or one.does != "leased"]


def _during(one: Made) -> str:
    return f"in {one.node_id}" if one.node_id else "outside of a test"
