"""Suppressions in comments, with the meaning that flake8 gives them: of a line, and of a whole file."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Sequence

from maint.lint.violation import Violation

_INLINE = re.compile(r"# noqa(?P<list>:\s?(?P<codes>[A-Z]+[0-9]+(?:[,\s]*[A-Z]+[0-9]+)*))?", re.IGNORECASE)
_WHOLE_FILE = re.compile(r"\s*# flake8[:=]\s*noqa", re.IGNORECASE)
_SEPARATOR = re.compile(r"[,\s]+")


def file_switch(lines: Sequence[str]) -> int | None:
    """The number of the line that switches every rule off for the whole file, or None.

    flake8 takes ``# flake8: noqa: F401`` for this as well: the codes do not narrow it.
    """
    return next((number for number, line in enumerate(lines, 1) if _WHOLE_FILE.match(line)), None)


def unsuppressed(violations: Sequence[Violation], lines: Sequence[str]) -> list[Violation]:
    """Those of ``violations`` that no comment on their logical line switches off."""
    if not violations or not any(_INLINE.search(line) for line in lines):
        return list(violations)
    spans = _logical_lines(lines)
    return [one for one in violations if not _is_suppressed(one, _text(one.line, lines, spans))]


def _is_suppressed(violation: Violation, text: str) -> bool:
    match = _INLINE.search(text)
    if match is None:
        return False
    if match["codes"] is None:
        return True
    # flake8 compares codes as they are written: small letters suppress nothing
    codes = tuple(code for code in _SEPARATOR.split(match["codes"]) if code)
    return violation.code.startswith(codes)


def _text(line: int, lines: Sequence[str], spans: dict[int, tuple[int, int]]) -> str:
    first, last = spans.get(line, (line, line))
    return "".join(lines[first - 1 : last])


def _logical_lines(lines: Sequence[str]) -> dict[int, tuple[int, int]]:
    """Line number -> first and last line of the logical line it is part of; empty where nothing tokenises."""
    spans: dict[int, tuple[int, int]] = {}
    first, last = len(lines) + 2, -1
    try:
        for token in tokenize.generate_tokens(io.StringIO("".join(lines)).readline):
            if token.type in (tokenize.ENDMARKER, tokenize.DEDENT):
                continue
            first, last = min(first, token.start[0]), max(last, token.end[0])
            if token.type in (tokenize.NL, tokenize.NEWLINE):
                spans.update(dict.fromkeys(range(first, last + 1), (first, last)))
                first, last = len(lines) + 2, -1
    except (tokenize.TokenError, SyntaxError):
        return {}
    return spans
