"""Text from outside (node ids, branch names, exceptions) made fit for one line of a terminal or table."""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_COLOUR = re.compile(r"\x1b\[[0-9;:]*[A-Za-z]")
_JOINER = "\N{ZERO WIDTH JOINER}"
_ELLIPSIS = "…"


def encodable(text: str) -> str:
    """Escape lone surrogates (of a file name that is no UTF-8), which no JSON reader has to accept."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def printable(text: str) -> str:
    r"""Show control characters, direction overrides and lone surrogates as escapes: a newline as ``\n``.

    Nothing that moves a cursor, starts a line or reorders its neighbours comes through.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_visible, text))


def printable_lines(text: str, limit: int) -> list[str]:
    """Return the last ``limit`` characters of a program's output as printable lines, without its colours."""
    plain = _COLOUR.sub("", text).strip("\n")
    kept = plain[-limit:].rstrip()
    lines = [printable(line.expandtabs()) for line in kept.splitlines()]
    return [_ELLIPSIS, *lines] if len(plain) > limit else lines


def counted(number: int, noun: str) -> str:
    """``1 write``, ``2 writes``, ``1,000 writes``."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def display_width(text: str) -> int:
    """Return the columns that ``text`` takes on a terminal: wide characters count 2, combining marks 0."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def pad(text: str, width: int, align: str = "<") -> str:
    """Fill ``text`` with spaces to ``width`` columns, to the right (``<``) or to the left (``>``) of it."""
    fill = " " * max(0, width - display_width(text))
    return text + fill if align == "<" else fill + text


def shorten(text: str, width: int) -> str:
    """Cut the middle out of ``text`` down to ``width`` columns; both ends of a name tell it apart."""
    if display_width(text) <= width:
        return text
    if width < 2:
        return _ELLIPSIS[:width]
    # Ends of `width` characters are enough, and keep a megabyte-long parameter from costing a megabyte each.
    left, right = text[:width], text[-width:]
    room = width - 1
    left = _cut(left, room - room // 2)
    right = _cut(right[::-1], room - display_width(left))[::-1]
    return f"{left}{_ELLIPSIS}{right}"


def _cut(text: str, width: int) -> str:
    taken = 0
    for index, char in enumerate(text):
        taken += _columns(char)
        if taken > width:
            return text[:index]
    return text


def _columns(char: str) -> int:
    if unicodedata.combining(char) or char in (_JOINER, "\N{VARIATION SELECTOR-16}"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _visible(char: str) -> str:
    # The joiner holds emoji sequences together, and moves nothing.
    if char == _JOINER or unicodedata.category(char) not in _HIDDEN:
        return char
    return char.encode("unicode_escape").decode("ascii")
