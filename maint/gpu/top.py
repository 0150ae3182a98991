"""One screen of text: the cards, the processes on them, and the tests that hold or await their memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from maint.gpu.queueing import Ticket
from maint.gpu.reading import CardReading, Reading
from maint.gpu.sizes import amount
from maint.report.cells import counted, pad, printable, shorten
from maint.report.quantity import NONE, elapsed

_BAR = 20
_PROCESSES = 5


def screen(
    reading: Reading, tickets: Sequence[Ticket], names: Mapping[int, str], now: float, width: int
) -> list[str]:
    """Lines of at most ``width`` columns; ``names`` are the commands of processes, ``now`` is unix time."""
    lines = [*_problems(reading), *_cards(reading, names), *_tests(reading, tickets, now)]
    return [shorten(line, width) for line in lines]


def _problems(reading: Reading) -> Iterator[str]:
    yield from map(printable, reading.problems)
    if not reading.cards and not reading.problems:
        yield "no GPU"


def _cards(reading: Reading, names: Mapping[int, str]) -> Iterator[str]:
    for card in reading.cards:
        busy = NONE if card.busy is None else f"{card.busy:.0%}"
        kept = f", driver keeps {amount(card.reserved)}" if card.reserved else ""
        yield (
            f"GPU {card.label} {printable(card.name)}  {_bar(card.share)} {card.share:4.0%}  "
            f"{amount(card.used)} of {amount(card.total)}{kept}  busy {busy}"
        )
        yield from _processes(card, names)


def _processes(card: CardReading, names: Mapping[int, str]) -> Iterator[str]:
    rows = sorted(card.processes, key=lambda one: (-(one.used or 0), one.pid))
    for one in rows[:_PROCESSES]:
        used = pad(NONE if one.used is None else amount(one.used), 10, ">")
        yield f"    {pad(str(one.pid), 8, '>')}  {used}  {printable(names.get(one.pid, ''))}".rstrip()
    if len(rows) > _PROCESSES:
        yield f"    and {len(rows) - _PROCESSES} more"


def _tests(reading: Reading, tickets: Sequence[Ticket], now: float) -> Iterator[str]:
    labels = {card.uuid: card.label for card in reading.cards}
    held = [one for one in tickets if one.card]
    waiting = [one for one in tickets if not one.card]
    if not tickets:
        yield "no test holds a budget"
        return
    yield f"{counted(len(held), 'budget')} held, {len(waiting)} waited for"
    for one in (*held, *waiting):
        where = f"GPU {labels.get(one.card, '?')}" if one.card else "waits"
        size = "whole GPU" if one.exclusive else amount(one.size)
        since = elapsed(max(now - one.since, 0.0))
        yield f"    {pad(where, 8)}  {pad(size, 10, '>')}  {pad(since, 8, '>')}  {printable(one.owner)}"


def _bar(share: float) -> str:
    full = round(min(max(share, 0.0), 1.0) * _BAR)
    return "[" + "#" * full + "." * (_BAR - full) + "]"
