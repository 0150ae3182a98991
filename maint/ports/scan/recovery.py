"""A tree of what is left of a file that does not parse: the lines in the way are blanked, one by one."""

from __future__ import annotations

import ast
import re

_ATTEMPTS = 60
_LARGEST = 400_000
# Python 2, which is most of what does not parse
_OLD = (
    (re.compile(r"^([ \t]*)print[ \t]+(?![(=]).*$", re.MULTILINE), r"\1pass"),
    (re.compile(r"^([ \t]*)print[ \t]*>>.*$", re.MULTILINE), r"\1pass"),
    (re.compile(r"^([ \t]*except[ \t]+[\w.()\[\], \t]+?),[ \t]*\w+[ \t]*:", re.MULTILINE), r"\1:"),
    (re.compile(r"^([ \t]*)raise[ \t]+[\w.]+[ \t]*,.*$", re.MULTILINE), r"\1pass"),
    (re.compile(r"\b0([0-7]{3,})\b"), r"0o\1"),
    (re.compile(r"(?<=\d)L\b"), ""),
)
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7}).*$", re.MULTILINE)


def recovered(text: str) -> ast.Module:
    """The tree of ``text`` without what keeps it from parsing; line numbers stay. Never raises."""
    if len(text) > _LARGEST:
        return ast.Module([], [])
    text = _CONFLICT.sub("", text).replace("\0", "").expandtabs(8)
    for pattern, replacement in _OLD:
        text = pattern.sub(replacement, text)
    lines = text.split("\n")
    for _ in range(_ATTEMPTS):
        try:
            return ast.parse("\n".join(lines))
        except SyntaxError as error:
            if not _blank(lines, error):
                break
        except (ValueError, RecursionError, MemoryError):
            break
    return _by_blocks(lines)


def _blank(lines: list[str], error: SyntaxError) -> bool:
    """Take the line of an error out of the way; False where that cannot help."""
    number = min(error.lineno or 0, len(lines))
    while number > 0 and not lines[number - 1].strip():
        number -= 1
    if number <= 0:
        return False
    line = lines[number - 1]
    indentation = line[: len(line) - len(line.lstrip())]
    if line.strip() == "pass":
        # the line itself is fine: it is indented as nothing around it is
        lines[number - 1] = ""
    else:
        lines[number - 1] = f"{indentation}pass"
    return True


def _by_blocks(lines: list[str]) -> ast.Module:
    """The statements of the top level that parse by themselves."""
    starts = [
        index
        for index, line in enumerate(lines)
        if line[:1].strip() and not line.startswith((")", "]", "}", "#"))
    ]
    body: list[ast.stmt] = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        try:
            tree = ast.parse("\n".join(lines[start:end]))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        body += ast.increment_lineno(tree, start).body
    return ast.Module(body, [])
