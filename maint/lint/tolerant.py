"""Broad handlers of a file that does not parse: found without a syntax tree, and marked as such.

The keyword ``except`` is found by tree-sitter where the ``syntax`` extra is installed, else by blanking out
strings and comments; the header and the block below it are then read as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from typing import NamedTuple

from maint.lint.boundary import MARK
from maint.lint.violation import Violation

_QUOTED = r"{q}(?:\\.|[^\\])*?{q}"
_LINE_QUOTED = r"{q}(?:\\.|[^\\\n{q}])*{q}"
_BLANKED = re.compile(
    "|".join(
        (
            r"#[^\n]*",
            *(
                form.format(q=q)
                for form, q in zip(
                    (_QUOTED, _QUOTED, _LINE_QUOTED, _LINE_QUOTED), ('"""', "'''", '"', "'"), strict=True
                )
            ),
        )
    ),
    re.DOTALL,
)
_EXCEPT = re.compile(r"^[ \t]*(except)\b(?![ \t]*[=.,)\]])", re.MULTILINE)
_SCOPE = re.compile(r"[ \t]*(?:async[ \t]+def|def|class)[ \t]+(\w+)")
_BROAD = re.compile(r"(?<![\w.])(?:(?:builtins|__builtin__|exceptions)\.)?(BaseException|Exception)\b")


class Clause(NamedTuple):
    """One broad ``except``: ``caught`` is what its header says, ``""`` when it is bare; all count from 1."""

    line: int
    column: int
    caught: str
    symbol: str


@cache
def has_tree_sitter() -> bool:
    """Whether the ``syntax`` extra is installed, with which other handlers may be found."""
    return all(find_spec(name) for name in ("tree_sitter", "tree_sitter_python"))


def broad_clauses(text: str) -> list[Clause]:
    """The broad handlers of ``text`` whose block does not end with ``raise``, in order."""
    plain = _BLANKED.sub(_blank, text)
    starts = _starts_by_tree(text)
    if starts is None:
        starts = [match.start(1) for match in _EXCEPT.finditer(plain)]
    return [clause for start in starts if (clause := _clause(text, plain, start)) is not None]


def violations(text: str, code: str) -> list[Violation]:
    """The same as uncertain violations of rule ``code``."""
    return [
        Violation(
            *(code, one.line, one.column, one.line, one.column + len("except")),
            f"catches {one.caught or 'everything'} (syntax unknown, the file does not parse); "
            "name the exceptions that you expect, or end with raise",
            one.symbol,
            False,
        )
        for one in broad_clauses(text)
    ]


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _starts_by_tree(text: str) -> list[int] | None:
    """Offsets of the keyword ``except`` by tree-sitter; None where it is not installed."""
    if not has_tree_sitter():
        return None
    import tree_sitter
    import tree_sitter_python

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_python.language()))
    source = text.encode("utf-8", "replace")
    cursor = parser.parse(source).walk()
    offsets: list[int] = []
    octets = characters = 0
    while True:
        node = cursor.node
        if node is not None and node.type == "except":
            characters += len(source[octets : node.start_byte].decode("utf-8"))
            octets = node.start_byte
            offsets.append(characters)
        if cursor.goto_first_child() or cursor.goto_next_sibling():
            continue
        while cursor.goto_parent():
            if cursor.goto_next_sibling():
                break
        else:
            return offsets


def _clause(text: str, plain: str, start: int) -> Clause | None:
    end = _colon(plain, start)
    if end is None:
        return None
    header = plain[start + len("except") : end].strip().removeprefix("*").strip()
    caught = re.split(r"\bas\b", header)[0].strip()
    line_start = text.rfind("\n", 0, start) + 1
    line = text.count("\n", 0, start) + 1
    if (caught and not _BROAD.search(caught)) or _leaves(plain, start, end):
        return None
    if MARK.search(text[start : _line_end(text, end)]):
        return None
    return Clause(
        line,
        start - line_start + 1,
        " ".join(caught.split()),
        _symbol(plain[:line_start], start - line_start),
    )


def _colon(plain: str, start: int) -> int | None:
    """Where the header that begins at ``start`` ends; None for text that is no header."""
    depth = 0
    for offset in range(start, len(plain)):
        char = plain[offset]
        depth += (char in "([{") - (char in ")]}")
        if char == ":" and depth <= 0:
            return offset
        if char == "\n" and depth <= 0 and plain[offset - 1] != "\\":
            return None
    return None


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end < 0 else end


def _leaves(plain: str, start: int, colon: int) -> bool:
    """True where the last statement of the block is a ``raise``."""
    inline = plain[colon + 1 : _line_end(plain, colon)].strip()
    if inline:
        return _raises(inline.rpartition(";")[2])
    indentation = _indentation(plain[plain.rfind("\n", 0, start) + 1 :])
    level: int | None = None
    last = ""
    for line in _lines(plain, colon):
        if not line.strip():
            continue
        depth = _indentation(line)
        if depth <= indentation:
            break
        level = depth if level is None else level
        if depth <= level:
            last = line.strip()
    return _raises(last)


def _lines(plain: str, offset: int) -> Iterator[str]:
    return iter(plain[_line_end(plain, offset) + 1 :].split("\n"))


def _raises(statement: str) -> bool:
    return re.match(r"raise\b", statement.strip()) is not None


def _indentation(line: str) -> int:
    shown = line.split("\n", 1)[0].expandtabs(8)
    return len(shown) - len(shown.lstrip())


def _symbol(before: str, indentation: int) -> str:
    """The qualified name of the scopes around, read upwards by their indentation."""
    names: list[str] = []
    for line in reversed(before.split("\n")):
        match = _SCOPE.match(line)
        if match and _indentation(line) < indentation:
            names.append(match[1])
            indentation = _indentation(line)
    return ".".join(reversed(names))
