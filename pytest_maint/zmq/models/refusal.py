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

    def refused(self, error: Exception) -> None:
        """Raises CannotGenerate once nothing else is to be expected."""
        if self._refused is None:
            return
        self._refused += 1
        if self._refused >= _HOPELESS:
            self._refused = _HOPELESS  # said again at every attempt: hypothesis replays them
            raise _explained(self._where, error)


def guarded(values: st.SearchStrategy[Any], make: Callable[[Any], Any], where: str) -> st.SearchStrategy[Any]:
    """``values`` through ``make``, without those for which it raises."""
    refusals = Refusals(where)

    @st.composite
    def made(draw: st.DrawFn) -> Any:
        for _ in range(_TRIES):
            drawn = draw(values)
            try:
                result = make(drawn)
            except _REFUSALS as error:
                refusals.refused(error)
            else:
                refusals.accepted()
                return result
        return reject()

    return made()


def _explained(where: str, error: Exception) -> CannotGenerate:
    reason = " ".join(str(error).split())
    details = getattr(error, "errors", None)
    if callable(details):  # pydantic names the field
        first = details(include_url=False)[0]
        where = ".".join([where, *(str(each) for each in first["loc"] if isinstance(each, str))])
        reason = first["msg"]
    return cannot(where, f"none of {_HOPELESS} values was accepted ({reason})")
