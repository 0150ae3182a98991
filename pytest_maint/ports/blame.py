"""Who has the port that a test could not bind."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable

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
        todo += [one.__context__, one.__cause__, *getattr(one, "exceptions", ())]
    return False


def blamed(watched: Watched, makers: Iterable[Made]) -> tuple[str, list[str], Finding] | None:
    """A title, lines and the finding about the port in question; None where no bind of one was seen.

    ``makers`` are earlier binds of this process: where it is itself in the way, they say how.
    """
    tried = [one for one in reversed(watched.binds) if one.bind.port]
    if not tried:
        return None
    found = {id(one): _holders(one) for one in tried}
    made = next((one for one in tried if found[id(one)]), tried[0])
    own = [one for one in makers if one is not made and _is_in_the_way(one, made)]
    lines = [f"this process: {one.said(watched.root)} in {one.node_id}" for one in own]
    lines += [str(one) for one in found[id(made)]]
    finding = in_use(watched.place(), made.bind, lines)
    title = f"who has {address(made.bind.host, made.bind.port, made.bind.proto)}"
    return title, lines or ["nobody any more: whoever had it is gone"], finding


def _holders(made: Made) -> list[Holder]:
    """Without this test's own lease of the port."""
    found = holders(made.bind.port, made.bind.proto)
    return [one for one in found if one.pid != os.getpid() or one.does != "leased"]


def _is_in_the_way(one: Made, made: Made) -> bool:
    return (one.bind.port, one.bind.proto) == (made.bind.port, made.bind.proto)
