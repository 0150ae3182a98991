"""Time as the GitHub adapter needs it: one write a second, and an end to waiting."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

from maint.errors import ForgeError

PATIENCE_S = 300.0
WRITE_INTERVAL_S = 1.0


class Clock(Protocol):
    """What passes and what waits; tests bring one that does not really wait."""

    def now(self) -> float:
        """Seconds since the epoch."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class RealClock:
    """The machine's own."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class Pace:
    """Keeps writes apart, and bounds what one run waits because GitHub asks it to, all waits together.

    Source of the interval: GitHub's "Best practices for using the REST API", at least one second between
    requests that write.
    """

    def __init__(self, clock: Clock, patience: float = PATIENCE_S) -> None:
        self._clock = clock
        self._left = patience
        self._patience = patience
        self._next_write = 0.0

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock.now()

    def before_write(self) -> None:
        """Wait until the last write lies far enough back."""
        # never longer than the interval: the machine's clock may have been set back
        wait = min(self._next_write - self._clock.now(), WRITE_INTERVAL_S)
        if wait > 0:
            self._clock.sleep(wait)

    def after_write(self) -> None:
        """Count from the end of a write: a slow one is no reason to hurry the next."""
        self._next_write = self._clock.now() + WRITE_INTERVAL_S

    def wait(self, seconds: float, why: str) -> None:
        """Wait because of ``why``; ForgeError when this run would wait longer than it may in all."""
        if seconds > self._left:
            until = datetime.fromtimestamp(self._clock.now() + seconds, UTC)
            raise ForgeError(
                f"{why}: waiting {seconds:.0f} s more is over the {self._patience:.0f} s of one run; "
                f"run again after {until:%H:%M} UTC"
            )
        self._left -= seconds
        self._clock.sleep(seconds)
