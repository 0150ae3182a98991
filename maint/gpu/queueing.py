"""Who may use a card now: first come, first served, and others past the first only where it loses nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

# Beyond this many different sums of what is held nobody goes past the first: the answer would cost too much.
_SUMS = 4096


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """One test's claim to GPU memory, waiting until ``card`` names the card (UUID) that it was given.

    ``number`` counts from 0 in the order of arrival; ``pid`` and ``started`` (clock ticks since boot) name
    the process, also after its id was given to another one; ``size`` and ``reserve`` are bytes; ``cards``
    are those it may be given; ``exclusive`` lets nobody else on the card; ``since`` is when it came, in unix
    time; ``bell`` is where its process listens while it waits.
    """

    number: int
    pid: int
    started: int
    owner: str
    size: int
    cards: tuple[str, ...]
    reserve: int = 0
    exclusive: bool = False
    since: float = 0.0
    bell: str = ""
    card: str = ""


def admit(free: Mapping[str, int], tickets: Iterable[Ticket]) -> list[Ticket]:
    """``tickets`` in their order, those that may start now with their card.

    ``free`` holds the bytes of each card (UUID) that tickets may share. Never more than that is given. The
    first that cannot start keeps its place: a later one starts only where the first could start no later
    than without it, whichever of those that hold memory end first, and however long the later one stays.
    """
    held = {card: [] for card in free}  # type: dict[str, list[Ticket]]
    found = sorted(tickets, key=lambda ticket: ticket.number)
    for ticket in found:
        if ticket.card in held:
            held[ticket.card].append(ticket)
    first: Ticket | None = None
    for position, ticket in enumerate(found):
        if ticket.card:
            continue
        card = _choice(free, held, ticket, first)
        if card:
            found[position] = msgspec.structs.replace(ticket, card=card)
            held[card].append(found[position])
        else:
            first = first or ticket
    return found


def room(free: Mapping[str, int], ticket: Ticket) -> int:
    """The bytes of the largest card that ``ticket`` could ever be given; 0 where there is none."""
    return max((_limit(free, ticket, card) for card in ticket.cards if card in free), default=0)


def _choice(
    free: Mapping[str, int], held: Mapping[str, Sequence[Ticket]], ticket: Ticket, first: Ticket | None
) -> str:
    """The emptiest card on which ``ticket`` may start now, or nothing."""
    open_ = [
        card
        for card in ticket.cards
        if card in free
        and _fits(free, held[card], ticket, card)
        and (first is None or _harmless(free, held[card], ticket, first, card))
    ]
    return max(open_, key=lambda card: free[card] - _sum(held[card]), default="")


def _fits(free: Mapping[str, int], held: Sequence[Ticket], ticket: Ticket, card: str) -> bool:
    if held and (ticket.exclusive or any(one.exclusive for one in held)):
        return False
    return _sum(held) + ticket.size <= _limit(free, ticket, card)


def _harmless(
    free: Mapping[str, int], held: Sequence[Ticket], ticket: Ticket, first: Ticket, card: str
) -> bool:
    """Whether ``first`` could start on ``card`` at each moment at which it could without ``ticket``.

    Which of ``held`` end before that moment is not known: so for every part of them that could be left.
    """
    left = _limit(free, first, card) - first.size
    if card not in first.cards or left < 0:
        return True
    if ticket.exclusive or first.exclusive:
        return False
    sums = {0}
    for one in held:
        sums |= {so_far + one.size for so_far in sums}
        if len(sums) > _SUMS:
            return False
    fullest = max(total for total in sums if total <= left)
    return fullest + ticket.size <= left


def _limit(free: Mapping[str, int], ticket: Ticket, card: str) -> int:
    return free[card] - ticket.reserve


def _sum(tickets: Iterable[Ticket]) -> int:
    return sum(ticket.size for ticket in tickets)
