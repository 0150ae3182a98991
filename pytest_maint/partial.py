"""Whether a test session looked at everything, and if not, why: from what was asked and what was seen."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from maint.report.cells import counted

_NAMED = 3
_SWITCHES = "lqsvx"  # pytest's short options without a value, which may stand before one with a value


class Asked(NamedTuple):
    """What the session was told to run.

    ``selectors`` choose among collected tests (``-k foo``), each as it would be typed; ``cuts`` keep files or
    tests from being looked at whatever was collected (``--lf``, ``--ignore slow``, ``--collect-only``).
    ``configured`` are the selectors that ``addopts`` of the project's own configuration gives: what pytest
    deselects by them is outside its scope.
    """

    selectors: tuple[str, ...] = ()
    configured: tuple[str, ...] = ()
    cuts: tuple[str, ...] = ()
    narrow_paths: tuple[str, ...] = ()


class Seen(NamedTuple):
    """What became of it: node ids as sets, ``stopped`` in the words of whoever stopped the session.

    ``dropped`` are those of ``deselected`` that a plugin or conftest took out, not a selector of pytest's.
    """

    expected: frozenset[str] = frozenset()
    started: frozenset[str] = frozenset()
    deselected: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    collection_errors: int = 0
    crashed: tuple[str, ...] = ()
    stopped: str = ""


def partial_reason(asked: Asked, seen: Seen) -> str:
    """Return why not everything was looked at, worst first; empty when everything was.

    Tests that a selector in the project's own ``addopts`` deselects are outside its scope and no reason.
    """
    reasons = [f"worker {worker} crashed" for worker in seen.crashed]
    if seen.collection_errors:
        reasons.append(counted(seen.collection_errors, "collection error"))
    if seen.stopped:
        reasons.append(seen.stopped)
    reasons += asked.cuts
    if asked.narrow_paths:
        reasons.append(f"only {_few(asked.narrow_paths)}")
    unexplained = seen.dropped if asked.configured else seen.deselected
    if seen.deselected and asked.selectors:
        reasons += asked.selectors
    elif unexplained and not asked.cuts:
        reasons.append(f"{counted(len(unexplained), 'test')} deselected")
    if not reasons and not seen.started:
        reasons.append("no test ran")
    elif not reasons and (left := len(seen.expected - seen.started)):
        reasons.append(f"{counted(left, 'test')} did not run")
    return ", ".join(reasons)


def option_values(tokens: Sequence[str], *flags: str) -> tuple[str, ...]:
    """Return the values that ``tokens``, of a command line, give to the option with these ``flags``.

    Understands ``-m X``, ``-mX``, ``-qm X``, ``-m=X``, ``--mark X`` and ``--mark=X``.
    """
    return tuple(value for flag in flags for value in _values(tokens, flag))


def _values(tokens: Sequence[str], flag: str) -> Iterable[str]:
    spelling = rf"{flag}(=.*)?" if flag.startswith("--") else rf"-[{_SWITCHES}]*{flag[1:]}(.*)"
    for position, token in enumerate(tokens):
        match = re.fullmatch(spelling, token, re.DOTALL)
        if match and match[1]:
            yield match[1].removeprefix("=")
        elif match:
            yield from tokens[position + 1 : position + 2]


def narrow_paths(arguments: Sequence[str], folder: Path, scope: Sequence[Path]) -> tuple[str, ...]:
    """Return ``arguments`` (paths or node ids, given in ``folder``) unless they take in all of ``scope``."""
    whole = [os.path.abspath(folder / argument) for argument in arguments if "::" not in argument]  # noqa: PTH100
    missed = (place for place in scope if not any(_holds(path, str(place)) for path in whole))
    return tuple(arguments) if next(missed, None) is not None else ()


def _holds(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _few(names: Iterable[str]) -> str:
    listed = list(names)
    left = len(listed) - _NAMED
    return ", ".join(listed[:_NAMED]) + (f" and {left} more" if left > 0 else "")
