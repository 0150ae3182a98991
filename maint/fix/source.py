"""A source file to be edited: its text as it is on disk, its tree, and the offsets between the two."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from bisect import bisect_right
from functools import cached_property

from maint.errors import InputError
from maint.lint.handlers import Handler, handlers

_LINE_END = re.compile(r"\r\n|\r|\n")


class Source:
    """``path`` is relative to the root. Offsets are characters of ``text``, whose line ends are untouched.

    Raises InputError for what Python cannot decode or parse.
    """

    def __init__(self, path: str, content: bytes) -> None:
        self.path = path
        self.content = content
        try:
            self.encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
            self.text = content.decode(self.encoding)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.tree = ast.parse(content)
        except (SyntaxError, ValueError, RecursionError, MemoryError, LookupError) as error:
            raise InputError(f"{path}: does not parse ({error}); put that right first") from None

    def with_text(self, text: str) -> Source:
        """The file after an edit, in the same encoding."""
        try:
            content = text.encode(self.encoding)
        except UnicodeEncodeError:
            raise InputError(f"{self.path}: the edit has no {self.encoding} form; edit it by hand") from None
        try:
            return Source(self.path, content)
        except InputError:
            raise InputError(f"{self.path}: the edit would not parse; edit it by hand") from None

    @cached_property
    def handlers(self) -> list[Handler]:
        """Its exception handlers in the order of the file."""
        return handlers(self.tree)

    @cached_property
    def starts(self) -> list[int]:
        """Where each line starts."""
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    @cached_property
    def newline(self) -> str:
        """The line end of its first line."""
        match = _LINE_END.search(self.text)
        return match[0] if match else "\n"

    def offset(self, line: int, octets: int) -> int:
        """From a line (from 1) and a column in UTF-8 bytes, as trees count."""
        start = self.starts[line - 1]
        if self.text.isascii():
            return start + octets
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        before = self.text[start:end].encode("utf-8", "surrogatepass")[:octets]
        return start + len(before.decode("utf-8", "ignore"))

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where a node with a position starts and ends."""
        first = self.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]
        return first, self.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def line_start(self, offset: int) -> int:
        """Where the line of ``offset`` starts."""
        return self.starts[bisect_right(self.starts, offset) - 1]

    def indentation(self, offset: int) -> str:
        """The white space that the line of ``offset`` begins with."""
        start = self.line_start(offset)
        match = re.match(r"[ \t\f]*", self.text[start:])
        return match[0] if match else ""
