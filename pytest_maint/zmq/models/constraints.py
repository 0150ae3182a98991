"""What the metadata of a type demands of its values, whoever's metadata it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from hypothesis import strategies as st

_LIBRARIES = {"annotated_types", "msgspec", "pydantic"}
_LOWER = ("ge", "gt", "min_length")
_UPPER = ("le", "lt", "max_length", "max_digits", "decimal_places")
_FLAGS = {"strip_whitespace": str.strip, "to_upper": str.upper, "to_lower": str.lower}


class Constraints(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds, lengths and patterns; what does not apply to a type is left out of account there.

    ``tz`` is as in ``msgspec.Meta``: True for aware, False for naive. ``changes`` are what the library does
    to a text before it looks at it.
    """

    ge: Any = None
    gt: Any = None
    le: Any = None
    lt: Any = None
    multiple_of: Any = None
    min_length: int | None = None
    max_length: int | None = None
    max_digits: int | None = None
    decimal_places: int | None = None
    tz: bool | None = None
    patterns: tuple[str, ...] = ()
    predicates: tuple[Callable[[Any], bool], ...] = ()
    changes: tuple[Callable[[str], str], ...] = ()

    def and_of(self, metadata: Iterable[object]) -> Constraints:
        """These and those of ``Annotated[..., *metadata]``; of two bounds the stricter holds."""
        found = msgspec.structs.asdict(self)
        for each in _flat(metadata):
            _take(each, found)
        return Constraints(**found)

    def bounding(self, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        """``values`` within these bounds; as they are where there are none, which is faster to draw."""
        bounds = (self.ge, self.gt, self.le, self.lt)
        bare = not self.predicates and all(each is None for each in bounds)
        return values if bare else values.filter(self.within)

    def sizing(self, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        """``values`` of these lengths; as they are where there is no demand."""
        bare = not self.predicates and self.min_length is None and self.max_length is None
        return values if bare else values.filter(self.fits)

    def within(self, value: Any) -> bool:
        """Whether ``value`` keeps the bounds and predicates."""
        return (
            (self.ge is None or value >= self.ge)
            and (self.gt is None or value > self.gt)
            and (self.le is None or value <= self.le)
            and (self.lt is None or value < self.lt)
            and all(holds(value) for holds in self.predicates)
        )

    def fits(self, value: Any) -> bool:
        """Whether the length of ``value`` is allowed, and the predicates hold."""
        long_enough = len(value) >= (self.min_length or 0)
        short_enough = self.max_length is None or len(value) <= self.max_length
        return long_enough and short_enough and all(holds(value) for holds in self.predicates)


def _flat(metadata: Iterable[object]) -> Iterable[object]:
    for each in metadata:
        if type(each).__module__.partition(".")[0] not in _LIBRARIES:
            continue
        yield each
        # pydantic's Field() holds its constraints in a list of their own
        yield from _flat(getattr(each, "metadata", ()))


def _take(given: object, found: dict[str, Any]) -> None:
    for name in (*_LOWER, *_UPPER):
        value = getattr(given, name, None)
        if value is None:
            continue
        known = found[name]
        stricter = max if name in _LOWER else min
        found[name] = value if known is None else stricter(known, value)
    if (multiple := getattr(given, "multiple_of", None)) is not None:
        found["multiple_of"] = multiple
    if type(given).__name__ == "Timezone" or getattr(given, "tz", None) is not None:
        found["tz"] = bool(getattr(given, "tz", None))  # Timezone(None) demands naive values
    pattern = getattr(given, "pattern", None)
    if pattern is not None:
        found["patterns"] += (pattern.pattern if isinstance(pattern, re.Pattern) else pattern,)
    predicate = getattr(given, "func", None)
    if predicate is not None and type(given).__module__.startswith("annotated_types"):
        found["predicates"] += (predicate,)
    found["changes"] += tuple(change for flag, change in _FLAGS.items() if getattr(given, flag, None))
