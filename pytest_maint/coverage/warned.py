"""What coverage warns of is kept to be said with the verdict: no warnings filter makes an error of it."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator

from maint.report.cells import printable


@contextlib.contextmanager
def recorded(into: list[str]) -> Iterator[None]:
    """Append the text of coverage's warnings to ``into``; others are of no interest here."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    into += [
        printable(str(one.message))
        for one in caught
        if one.category.__module__.partition(".")[0] == "coverage"
    ]
