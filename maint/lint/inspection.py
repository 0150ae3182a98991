"""One file from its bytes to what is reported of it; whatever goes wrong stays with this file."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import NamedTuple

from maint.lint.baseline import line_digest
from maint.lint.decoding import Text, decoded
from maint.lint.engine import INTERNAL, check, check_tree, parsed
from maint.lint.noqa import file_switch, unsuppressed
from maint.lint.settings import Settings
from maint.lint.tolerant import violations as tolerant
from maint.lint.violation import Violation
from maint.report.cells import encodable

UNPARSED = "MNT022"
_NOQA = re.compile(rb"noqa", re.IGNORECASE)


class Outcome(NamedTuple):
    """What a file gave: ``digests`` are those of the violations' lines, ``skipped`` is a reason or ``""``."""

    violations: list[Violation] = []  # noqa: RUF012 - a NamedTuple's default, never changed
    digests: list[str] = []  # noqa: RUF012
    skipped: str = ""


CLEAN = Outcome()


@contextmanager
def quiet() -> Iterator[None]:
    """While files are looked at, no search for cycles: syntax trees hold none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def inspect_content(content: bytes, path: str, settings: Settings) -> Outcome:
    """The outcome of a file with this content. Never raises: a defect of a rule is one internal finding."""
    try:
        return _inspect(content, path, settings)
    except Exception as error:  # boundary: one bad file is one finding  # noqa: BLE001
        return failed(f"{type(error).__name__}: {error}")


def failed(why: str) -> Outcome:
    """The outcome of a file that no rule judged, because of a defect of ours or of the interpreter."""
    message = encodable(f"{why}; no rule judged this file, report it to the project")
    return Outcome([_at(INTERNAL, 1, 1, message)], [""])


def _inspect(content: bytes, path: str, settings: Settings) -> Outcome:
    if b"\0" in content:
        return Outcome(skipped="binary: it holds NUL bytes")
    text: Text | None = None
    if _NOQA.search(content):
        text = decoded(content)
        if line := file_switch(text.lines):
            return Outcome(skipped=f"line {line} is '# flake8: noqa', which switches every rule off")
    try:
        found = check(content, PurePath(path), settings)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        found = _unparsed(error, content, path, settings)
    if not found:
        return CLEAN
    text = text or decoded(content)
    kept = [one._replace(message=encodable(one.message)) for one in unsuppressed(found, text.lines)]
    return Outcome(kept, [line_digest(text.line(one.line)) for one in kept])


def _unparsed(error: Exception, content: bytes, path: str, settings: Settings) -> list[Violation]:
    """What can be said of a file that Python refuses: that it does, and its broad handlers.

    Where only the encoding is wrong it is read as latin-1, as flake8 does.
    """
    text = decoded(content)
    found = []
    if text.complaint:
        try:
            found = check_tree(parsed(text.text), text.lines, PurePath(path), settings)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            text = text._replace(complaint="")
    if settings.is_on(UNPARSED):
        line, column = getattr(error, "lineno", None) or 1, getattr(error, "offset", None) or 1
        message = f"does not parse: {getattr(error, 'msg', None) or error}; no rule can judge it fully"
        found.append(_at(UNPARSED, min(line, max(1, len(text.lines))), max(1, column), message))
    if (
        not text.complaint
        and settings.is_on("E900")
        and (settings.tests or not settings.is_test(PurePath(path)))
    ):
        found += tolerant(text.text, settings.shown_code("E900"))
    return sorted(found, key=lambda one: (one.line, one.column, one.code))


def _at(code: str, line: int, column: int, message: str) -> Violation:
    return Violation(code, line, column, line, column, message)
