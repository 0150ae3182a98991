"""What becomes of the n-th message of one direction: decided from a seed, not from a clock."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import NamedTuple

__tracebackhide__ = True
Frames = list[bytes]


class When(NamedTuple):
    """Which messages a fault strikes: each ``every``-th, those in ``at`` (from 0), or by chance ``p``."""

    every: int | None = None
    p: float | None = None
    at: frozenset[int] = frozenset()

    @classmethod
    def of(cls, every: int | None, p: float | None, at: Iterable[int] | None, *, always: bool) -> When:
        """Check what the caller gave; ``always`` says that giving nothing means each message."""
        given = sum(value is not None for value in (every, p, at))
        if given > 1 or (given == 0 and not always):
            raise ValueError("give one of every=, p= and at=")
        if every is not None and (isinstance(every, bool) or not isinstance(every, int) or every < 1):
            raise ValueError(f"every is {every!r}; give a whole number from 1")
        if p is not None and not 0 <= p <= 1:
            raise ValueError(f"p is {p!r}; give a probability from 0 to 1")
        return cls(1 if given == 0 else every, p, frozenset(at or ()))

    def strikes(self, index: int, chance: random.Random) -> bool:
        """``every=3`` strikes the third message, the sixth and so on."""
        if self.every is not None:
            return (index + 1) % self.every == 0
        if self.p is not None:
            return chance.random() < self.p
        return index in self.at


class Fault(NamedTuple):
    """A kind of fault (drop, duplicate, delay, corrupt or truncate), when it strikes, and how much.

    ``low`` and ``high``: milliseconds of a delay, copies of a duplicate, bits of a corruption.
    """

    kind: str
    when: When
    low: float = 0
    high: float = 0


class Outcome(NamedTuple):
    """What becomes of one message: ``copies`` of ``frames`` after ``delay`` ms; ``actions`` say why."""

    copies: int
    frames: Frames
    delay: float
    actions: tuple[str, ...]


def decide(
    seed: int, direction: str, index: int, frames: Frames, faults: Iterable[Fault], envelope: int = 0
) -> Outcome:
    """Apply ``faults`` in order to message ``index``; a dropped message meets no further one.

    Each fault draws from a generator of its own, made of seed, direction, index and place in the list: a
    fault that is added does not change what the others do. The first ``envelope`` frames stay as they are.
    """
    copies, delay = 1, 0.0
    actions: list[str] = []
    for number, fault in enumerate(faults):
        chance = random.Random(f"{seed}/{direction}/{index}/{number}")
        if not fault.when.strikes(index, chance):
            continue
        if fault.kind == "drop":
            return Outcome(0, frames, 0.0, (*actions, "drop"))
        if fault.kind == "duplicate":
            copies += int(fault.low)
            actions.append(f"duplicate {int(fault.low)}")
        elif fault.kind == "delay":
            drawn = round(chance.uniform(fault.low, fault.high), 3)
            delay += drawn
            actions.append(f"delay {drawn} ms")
        else:
            edit = _corrupted if fault.kind == "corrupt" else _truncated
            frames, action = edit(frames, chance, envelope, int(fault.low))
            actions.append(action)
    return Outcome(copies, frames, delay, tuple(actions))


def order(seed: int, direction: str, block: int, window: int) -> list[int]:
    """In which order the messages of a block of ``window`` leave; never the order in which they came."""
    chance = random.Random(f"{seed}/{direction}/order/{block}")
    came = list(range(window))
    left = came[:]
    while left == came and window > 1:
        chance.shuffle(left)
    return left


def _corrupted(frames: Frames, chance: random.Random, envelope: int, bits: int) -> tuple[Frames, str]:
    """Flip ``bits`` different bits of one frame that has any."""
    struck = _struck(frames, chance, envelope)
    if struck is None:
        return frames, "corrupt nothing"
    data = bytearray(frames[struck])
    flipped = sorted(chance.sample(range(len(data) * 8), min(bits, len(data) * 8)))
    for bit in flipped:
        data[bit // 8] ^= 1 << bit % 8
    places = ",".join(map(str, flipped))
    return _with(frames, struck, bytes(data)), f"corrupt frame {struck} bits {places}"


def _truncated(frames: Frames, chance: random.Random, envelope: int, _: int) -> tuple[Frames, str]:
    """Cut the end off one frame that has any; at least one byte goes, possibly all."""
    struck = _struck(frames, chance, envelope)
    if struck is None:
        return frames, "truncate nothing"
    length = chance.randrange(len(frames[struck]))
    return _with(frames, struck, frames[struck][:length]), f"truncate frame {struck} to {length}"


def _struck(frames: Frames, chance: random.Random, envelope: int) -> int | None:
    candidates = [number for number in range(envelope, len(frames)) if frames[number]]
    return chance.choice(candidates) if candidates else None


def _with(frames: Frames, number: int, frame: bytes) -> Frames:
    return [*frames[:number], frame, *frames[number + 1 :]]
