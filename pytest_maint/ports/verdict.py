"""How findings of the guard fail a test: at the bind with a traceback to it, else in a sentence each."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from maint.findings import Finding

PROPERTY = "maint_ports"


def failing(findings: Sequence[Finding], *, traced: bool = False) -> BaseException:
    """What fails a test; ``traced`` where the line that raises it is the one to look at.

    It is no Exception: code under test that tries the next port when a bind fails is not to swallow it.
    """
    error = pytest.fail.Exception("\n".join(each.message for each in findings), pytrace=traced)
    vars(error)[PROPERTY] = tuple(findings)
    return error


def failed_by(error: BaseException | None) -> tuple[Finding, ...]:
    """The findings that `failing` put into ``error``, into what led to it, or into one of its group."""
    todo, seen = [error], set[int]()
    while todo:
        one = todo.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        if found := vars(one).get(PROPERTY, ()):  # its own __getattr__ may raise anything
            return tuple(found)
        todo += [one.__context__, one.__cause__]
        if isinstance(one, BaseExceptionGroup):
            todo += one.exceptions
    return ()
