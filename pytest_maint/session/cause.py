"""From a raised exception to what identifies it: class, message, and the project's frame that raised."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NamedTuple

import pytest

from maint.report.cells import encodable

from .failure import Crash, Failure

MESSAGE_KEPT = 2000
_CHAIN_KEPT = 3
_LEAVES_NAMED = 3
_FOREIGN = frozenset({"site-packages", "dist-packages", "node_modules", ".venv", "venv", ".tox", ".nox"})


def describe(error: BaseException, root: Path) -> Failure:
    """Return the exception as a failure whose crash frame is the deepest inside the project at ``root``.

    A collection error stands for the exception pytest wrapped, a doctest for its example, and a group for
    its members: their messages are in its message, and the first member's frame is the place.
    """
    if isinstance(error, pytest.Collector.CollectError) and error.__cause__ is not None:
        error = error.__cause__
    if told := _doctest(error, root):
        return told
    members = list(_leaves(error)) if isinstance(error, BaseExceptionGroup) else []
    return Failure(
        exception=qualified(type(error)),
        message=_message(error, members),
        crash=_crash(error, root) or (_crash(members[0], root) if members else None),
        caused_by=tuple(_summary(one) for one in _chain(error)),
    )


def qualified(kind: type) -> str:
    """The class with its module, as a traceback writes it: builtins stand alone."""
    name = encodable(kind.__qualname__)
    return name if kind.__module__ in ("builtins", "__main__") else f"{encodable(kind.__module__)}.{name}"


def _message(error: BaseException, members: list[BaseException]) -> str:
    text = text_of(error)
    if members:
        named = [_summary(one) for one in members[:_LEAVES_NAMED]]
        left = len(members) - len(named)
        text = f"{text}: {'; '.join(named)}{f' and {left} more' if left else ''}"
    return encodable(text[:MESSAGE_KEPT])


def text_of(error: BaseException) -> str:
    """``str(error)``, or a word on why there is none."""
    try:
        return str(error)
    except Exception as broken:  # boundary: a project's __str__ may do anything  # noqa: BLE001
        return f"<str() of the exception raised {type(broken).__name__}>"


def _summary(error: BaseException) -> str:
    lines = text_of(error).strip().splitlines()
    name = qualified(type(error))
    return encodable(f"{name}: {lines[0]}"[:200]) if lines else name


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen = {id(error)}
    for _ in range(_CHAIN_KEPT):
        behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if behind is None or id(behind) in seen:
            return
        seen.add(id(behind))
        yield behind
        error = behind


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for one in group.exceptions:
        if isinstance(one, BaseExceptionGroup):
            yield from _leaves(one)
        else:
            yield one


class _Frame(NamedTuple):
    path: str
    line: int
    function: str
    hidden: bool


def _crash(error: BaseException, root: Path) -> Crash | None:
    """The deepest frame in the project that does not hide, else the deepest of all."""
    if isinstance(error, SyntaxError) and error.filename:
        return Crash(_shown(error.filename, root), error.lineno or 1, "<module>")
    frames = list(_frames(error.__traceback__))
    if not frames:
        return None
    ours = [frame for frame in frames if _is_project(frame.path, root)]
    shown = [frame for frame in ours if not frame.hidden]
    deepest = (shown or ours or frames)[-1]
    return Crash(_shown(deepest.path, root), deepest.line, encodable(deepest.function))


def _frames(traceback: TracebackType | None) -> Iterator[_Frame]:
    while traceback is not None:
        code = traceback.tb_frame.f_code
        yield _Frame(code.co_filename, traceback.tb_lineno, code.co_qualname, _hides(traceback.tb_frame))
        traceback = traceback.tb_next


def _hides(frame: FrameType) -> bool:
    if "__tracebackhide__" not in frame.f_code.co_varnames:
        return False
    return frame.f_locals.get("__tracebackhide__") is True


def _is_project(path: str, root: Path) -> bool:
    inside = _below(path, str(root))
    if inside is None or not _FOREIGN.isdisjoint(inside.split("/")):
        return False
    return not any(_below(path, home) for home in _interpreters(str(root)))


@cache
def _interpreters(root: str) -> tuple[str, ...]:
    """Folders below ``root`` that belong to the Python that runs, whatever they are called."""
    own = sysconfig.get_paths()
    homes = (sys.prefix, sys.exec_prefix, own["stdlib"], own["platstdlib"])
    return tuple(home for home in homes if _below(home, root))


def _shown(path: str, root: Path) -> str:
    """Relative to the root, else to the import path it came from, so that machines agree on it."""
    homes = (str(root), *sorted(filter(None, sys.path), key=len, reverse=True))
    below = (_below(path, home) for home in homes)
    return encodable(next(filter(None, below), path.replace(os.sep, "/")))


def _below(path: str, folder: str) -> str | None:
    prefix = folder.rstrip(os.sep) + os.sep
    return path[len(prefix) :].replace(os.sep, "/") if path.startswith(prefix) else None


def _doctest(error: BaseException, root: Path) -> Failure | None:
    """A doctest's own exceptions, told from the example that failed; None for any other."""
    failures: Any = getattr(error, "failures", None)
    if type(error).__name__ == "MultipleDoctestFailures" and failures:
        error = failures[0]
    if type(error).__module__ != "doctest" or not hasattr(error, "example"):
        return None
    test, example = error.test, error.example  # type: ignore[attr-defined]
    place = Crash(_shown(test.filename or "", root), (test.lineno or 0) + example.lineno + 1, test.name)
    if raised := getattr(error, "exc_info", None):
        told = describe(raised[1], root)
        return Failure(exception=told.exception, message=told.message, crash=place)
    message = f"expected {example.want.strip()!r}, got {error.got.strip()!r}"  # type: ignore[attr-defined]
    return Failure(exception=qualified(type(error)), message=encodable(message[:MESSAGE_KEPT]), crash=place)
