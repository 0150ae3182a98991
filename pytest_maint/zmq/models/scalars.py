"""Numbers, times and other values without parts, within their constraints."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from .constraints import Constraints

Strategy = st.SearchStrategy[Any]
_INT64 = 2**63
_MINUTES = 14 * 60
# A year from either end of the calendar: an offset leads beyond it otherwise.
_FIRST, _LAST = dt.datetime(2, 1, 1), dt.datetime(9998, 12, 31)
_LONGEST = dt.timedelta(days=100_000)
_LARGEST = Decimal(10) ** 15

_OFFSETS = st.integers(-_MINUTES, _MINUTES).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))
_AWARE = st.just(dt.UTC) | _OFFSETS  # whole minutes: seconds of an offset are lost on the wire


def integers(limits: Constraints) -> Strategy:
    """Whole numbers; of 64 bits unless bounds say more, which is what every decoder reads."""
    step = limits.multiple_of or 1
    low = -_INT64 if limits.ge is None else math.ceil(limits.ge)
    high = _INT64 - 1 if limits.le is None else math.floor(limits.le)
    if limits.gt is not None:
        low = max(low, math.floor(limits.gt) + 1)
    if limits.lt is not None:
        high = min(high, math.ceil(limits.lt) - 1)
    if step == 1:
        return limits.bounding(st.integers(low, high))
    least, most = math.ceil(low / step), math.floor(high / step)
    multiples = st.integers(least, most).map(lambda number: number * step)
    return limits.bounding(multiples.filter(lambda number: number == int(number)).map(int))


def floats(limits: Constraints) -> Strategy:
    """Finite numbers: JSON has no others."""
    step = limits.multiple_of
    low, high = _tighter(max, limits.ge, limits.gt), _tighter(min, limits.le, limits.lt)
    if step is None:
        return limits.bounding(st.floats(low, high, allow_nan=False, allow_infinity=False))
    least = -(2**40) if low is None else math.ceil(low / step)
    most = 2**40 if high is None else math.floor(high / step)
    multiples = st.integers(least, most).map(lambda number: float(number * step))
    return multiples.filter(lambda number: math.fmod(number, step) == 0 and limits.within(number))


def decimals(limits: Constraints) -> Strategy:
    """Finite numbers with as many digits as allowed."""
    low = _tighter(max, limits.ge, limits.gt)
    high = _tighter(min, limits.le, limits.lt)
    most = _LARGEST
    if limits.max_digits is not None:
        most = Decimal(10) ** (limits.max_digits - (limits.decimal_places or 0)) - 1
    low = max(-most, Decimal(str(low))) if low is not None else -most
    high = min(most, Decimal(str(high))) if high is not None else most
    # all digits are spent on the whole part where the places are left open
    places = 0 if limits.decimal_places is None and limits.max_digits is not None else limits.decimal_places
    return limits.bounding(st.decimals(low, high, allow_nan=False, allow_infinity=False, places=places))


def datetimes(limits: Constraints) -> Strategy:
    """Naive and aware times; a zone is UTC or an offset of whole minutes."""
    bounds = [each for each in (limits.ge, limits.gt, limits.le, limits.lt) if each is not None]
    aware = limits.tz if limits.tz is not None else (bounds[0].tzinfo is not None if bounds else None)
    low = _tighter(max, limits.ge, limits.gt)
    high = _tighter(min, limits.le, limits.lt)
    if aware:
        low, high = _in_utc(low), _in_utc(high)
    zones: Strategy = st.none()
    if aware or aware is None:
        zones = st.just(dt.UTC) if bounds else _AWARE if aware else st.none() | _AWARE
    return limits.bounding(st.datetimes(low or _FIRST, high or _LAST, timezones=zones))


def dates(limits: Constraints) -> Strategy:
    """Days."""
    low = _tighter(max, limits.ge, limits.gt)
    high = _tighter(min, limits.le, limits.lt)
    return limits.bounding(st.dates(low or _FIRST.date(), high or _LAST.date()))


def times(limits: Constraints) -> Strategy:
    """Times of day, naive."""
    zones: Strategy = _AWARE if limits.tz else st.none()
    return limits.bounding(st.times(limits.ge or dt.time.min, limits.le or dt.time.max, timezones=zones))


def durations(limits: Constraints) -> Strategy:
    """Up to some centuries, to the microsecond."""
    low = _tighter(max, limits.ge, limits.gt)
    high = _tighter(min, limits.le, limits.lt)
    low, high = (-_LONGEST if low is None else low), (_LONGEST if high is None else high)
    return limits.bounding(st.timedeltas(low, high))


def octets(limits: Constraints) -> Strategy:
    """Bytes."""
    return limits.sizing(st.binary(min_size=limits.min_length or 0, max_size=limits.max_length))


SCALARS: dict[Any, Callable[[Constraints], Strategy]] = {
    int: integers,
    float: floats,
    Decimal: decimals,
    dt.datetime: datetimes,
    dt.date: dates,
    dt.time: times,
    dt.timedelta: durations,
    bytes: octets,
    bool: lambda _: st.booleans(),
    uuid.UUID: lambda _: st.uuids(),
    type(None): lambda _: st.none(),
    None: lambda _: st.none(),
}


def _tighter(choose: Callable[..., Any], *bounds: Any) -> Any:
    given = [each for each in bounds if each is not None]
    return choose(given) if given else None


def _in_utc(bound: dt.datetime | None) -> dt.datetime | None:
    return bound if bound is None else bound.astimezone(dt.UTC).replace(tzinfo=None)
