"""One direction of a fault proxy: takes messages in, says which leave when, and keeps the log."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from .decisions import Fault, Frames, decide, order

__tracebackhide__ = True


class Logged(NamedTuple):
    """What became of a message of a direction, counted from 0; ``actions`` is empty for one that passed."""

    direction: str
    message: int
    actions: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.direction} {self.message}: {', '.join(self.actions) or 'pass'}"


class Lane:
    """Pure: the caller brings the clock, in milliseconds. ``direction`` is ``to_back`` or ``to_front``."""

    def __init__(self, direction: str, seed: int) -> None:
        self.direction = direction
        self.log: list[Logged] = []
        self.faults: list[Fault] = []
        self._cut = False
        self._seed = seed
        self._index = 0
        self._window = 0
        self._first = 0  # the message that the first window begins with
        self._held: dict[int, list[tuple[float, Frames]]] = {}
        self._leaving: deque[tuple[float, Frames]] = deque()

    def reorder(self, window: int) -> None:
        """From the next message on, every ``window`` messages leave together in another order."""
        self._release()
        self._window, self._first = window, self._index

    def cut_off(self, cut: bool) -> None:
        """Lose every message, or no longer."""
        self._cut = cut

    def clear(self) -> None:
        """No more faults; what was held back for its turn leaves."""
        self.faults.clear()
        self.reorder(0)

    def offer(self, now: float, frames: Frames, envelope: int = 0) -> None:
        """Take a message in."""
        index, self._index = self._index, self._index + 1
        if self._cut:
            self.log.append(Logged(self.direction, index, ("partition",)))
            self._turn(index, now)
            return
        outcome = decide(self._seed, self.direction, index, frames, self.faults, envelope)
        actions = outcome.actions
        due = now + outcome.delay
        copies = [(due, outcome.frames)] * outcome.copies
        if self._window:
            slot = (index - self._first) % self._window
            self._held[slot] = copies
            if copies:
                actions = (*actions, f"reorder to {self._order(index).index(slot)} of {self._window}")
        else:
            self._leaving.extend(copies)
        self.log.append(Logged(self.direction, index, actions))
        self._turn(index, now)

    def leave(self, now: float) -> Frames | None:
        """The next message that is due, or None. Delays never change the order: later ones wait behind."""
        if self._leaving and self._leaving[0][0] <= now:
            return self._leaving.popleft()[1]
        return None

    @property
    def due(self) -> float | None:
        """When the next message leaves; None where none waits for a time."""
        return self._leaving[0][0] if self._leaving else None

    @property
    def waiting(self) -> int:
        """Messages that were taken in and have not left."""
        return len(self._leaving) + sum(map(len, self._held.values()))

    def put_back(self, now: float, frames: Frames) -> None:
        """A message that left but found no room."""
        self._leaving.appendleft((now, frames))

    def _turn(self, index: int, now: float) -> None:
        """The last message of a window lets all of it go."""
        if self._window and (index - self._first) % self._window == self._window - 1:
            self._release(self._order(index))

    def _order(self, index: int) -> list[int]:
        block = (index - self._first) // self._window
        return order(self._seed, f"{self.direction}/{self._first}", block, self._window)

    def _release(self, slots: list[int] | None = None) -> None:
        for slot in slots if slots is not None else sorted(self._held):
            self._leaving.extend(self._held.pop(slot, []))
