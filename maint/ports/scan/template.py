"""Templates, ``%`` and ``format``, as texts one after the other."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence

from maint.ports.scan.expression import UNKNOWN, Expression, Join, Text

_PERCENT = re.compile(r"%(?:\((?P<name>\w+)\))?[#0 +-]*\d*(?:\.\d+)?(?P<kind>[a-zA-Z%])")


def percent(text: str, given: Sequence[Expression]) -> Expression:
    """``text % given``; a place without a value is not known."""
    parts: list[Expression] = []
    values = iter(given)
    end = 0
    for match in _PERCENT.finditer(text):
        parts.append(Text(text[end : match.start()]))
        end = match.end()
        if match["kind"] == "%":
            parts.append(Text("%"))
        else:
            parts.append(UNKNOWN if match["name"] else next(values, UNKNOWN))
    return Join((*parts, Text(text[end:])))


def braces(text: str, given: Sequence[Expression], named: Mapping[str, Expression]) -> Expression:
    """``text.format(*given, **named)``; a place that says more than a name is not known."""
    parts: list[Expression] = []
    count = 0
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError:
        return UNKNOWN
    for literal, name, _, _ in fields:
        parts.append(Text(literal))
        if name is None:
            continue
        if name == "":
            name, count = str(count), count + 1
        known = given[int(name)] if name.isdecimal() and int(name) < len(given) else named.get(name, UNKNOWN)
        parts.append(known)
    return Join(tuple(parts))
