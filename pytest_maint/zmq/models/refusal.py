"""Models that judge their own values: what they refuse is tried again, and a refusal of all is explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import reject
from hypothesis import strategies as st

from .errors import CannotGenerate, cannot

# In a row from the start. hypothesis gives up at 50, and cannot say why.
_HOPELESS = 25
_TRIES = 3
_REFUSALS = (ValueError, TypeError, AssertionError, OverflowError, msgspec.MsgspecError)


class Refusals:
    """How often values at one place were refused before the first was accepted."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._refused: int | None = 0

    def accepted(self) -> None:
        """From now on, refusals are hypothesis's to count."""
        self._refused = None

    def refused(self, errors: list[Exception]) -> None:
        """Raises CannotGenerate once nothing else is to be expected, and from then on at every attempt."""
        if self._refused is not None:
            self._refused += len(errors)
            if self._refused >= _HOPELESS:
                raise _explained(self._where, self._refused, errors[-1])


def guarded(values: st.SearchStrategy[Any], make: Callable[[Any], Any], where: str) -> st.SearchStrategy[Any]:
    """``values`` through ``make``, without those for which it raises."""
    refusals = Refusals(where)

    @st.composite
    def made(draw: st.DrawFn) -> Any:
        errors: list[Exception] = []
        for _ in range(_TRIES):
            drawn = draw(values)
            try:
                result = make(drawn)
            except _REFUSALS as error:
                errors.append(error)
            else:
                refusals.accepted()
                return result
        # after the last try only: hypothesis replays an attempt, and wants it to draw the same again
        refusals.refused(errors)
        return reject()

    return made()


def _explained(where: str, refused: int, error: Exception) -> CannotGenerate:
    reason = " ".join(str(error).split())
    details = getattr(error, "errors", None)
    if callable(details):  # pydantic names the field
        first = details(include_url=False)[0]
        where = ".".join([where, *(str(each) for each in first["loc"] if isinstance(each, str))])
        reason = first["msg"]
    return cannot(where, f"none of {refused} values was accepted ({reason})")
