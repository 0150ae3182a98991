"""One failed phase of one run of a test, as it travels from worker to controller."""

from __future__ import annotations

import msgspec


class Crash(msgspec.Struct, frozen=True):
    """The frame to look at: ``path`` is POSIX and relative to the root where it is inside it."""

    path: str
    line: int
    function: str


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong.

    ``number`` counts an item's failures from 0, ``run`` its set-ups from 1 (a rerun sets up again); ``when``
    is ``setup``, ``call``, ``teardown``, ``collect`` or ``crash``. ``exception`` is the fully qualified
    class, empty where nothing was raised (a strict xpass); ``caused_by`` are the exceptions behind it,
    outermost first. ``subtest`` describes the part of the test. ``elsewhere`` is another guardrail's verdict,
    whose finding is in its own section.
    """

    exception: str = ""
    message: str = ""
    crash: Crash | None = None
    caused_by: tuple[str, ...] = ()
    when: str = "call"
    number: int = 0
    run: int = 1
    duration_s: float = 0.0
    unexpected_pass: bool = False
    subtest: str = ""
    elsewhere: bool = False

    @property
    def name(self) -> str:
        """The class without its module."""
        return self.exception.rpartition(".")[2]
