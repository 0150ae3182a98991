"""What the ledger says to people: who holds which memory, for how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from maint.gpu.queueing import Ticket
from maint.gpu.sizes import amount
from maint.report.cells import printable
from maint.report.quantity import elapsed

_NAMED = 4


def shortage(ticket: Ticket, free: Mapping[str, int], largest: int) -> str:
    """Why ``ticket`` can never be given: half a sentence with both numbers."""
    if not any(card in free for card in ticket.cards):
        return f"{amount(ticket.size)} asked for, and there is no such GPU"
    return f"{amount(ticket.size)} asked for, and the GPU has at most {amount(max(largest, 0))} to give"


def blame(ticket: Ticket, others: Sequence[Ticket], now: float) -> str:
    """Why ``ticket`` was not given in time: who holds what, and who is before it."""
    held = [f"{_claim(one)} {elapsed(max(now - one.since, 0))}" for one in others if one.card]
    ahead = sum(not one.card and one.number < ticket.number for one in others)
    queue = f"; {ahead} before it in the queue" if ahead else ""
    asked = "a whole GPU" if ticket.exclusive else amount(ticket.size)
    return (
        f"waited {elapsed(now - ticket.since)} for {asked}: held by {_few(held) or 'nobody'}{queue}; "
        "run fewer workers, lower the budgets, or raise wait in [tool.maint.vram]"
    )


def _claim(ticket: Ticket) -> str:
    what = "the whole GPU" if ticket.exclusive else amount(ticket.size)
    return f"{printable(ticket.owner)} (pid {ticket.pid}, {what}) for"


def _few(names: Sequence[str]) -> str:
    left = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {left} more" if left > 0 else "")
