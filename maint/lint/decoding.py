"""Source bytes as the text that flake8 reads: by cookie or BOM, else as latin-1."""

from __future__ import annotations

import io
import tokenize
from typing import NamedTuple


class Text(NamedTuple):
    """``lines`` end with ``\\n``, all of them; ``complaint`` says why the declared encoding is wrong."""

    text: str
    lines: list[str]
    complaint: str = ""

    def line(self, number: int) -> str:
        """Line ``number``, counted from 1; ``""`` beyond the end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


def decoded(content: bytes) -> Text:
    """The text of a source file; never raises."""
    try:
        return _text(content, _encoding(content))
    except (SyntaxError, UnicodeError, LookupError) as error:
        words = str(error) or type(error).__name__
        return _text(content, "latin-1")._replace(complaint=words)


def strict(content: bytes) -> str:
    """The text of a source file as Python takes it; SyntaxError or ValueError when its encoding is wrong."""
    return content.decode(_encoding(content))


def _encoding(content: bytes) -> str:
    return tokenize.detect_encoding(io.BytesIO(content).readline)[0]


def _text(content: bytes, encoding: str) -> Text:
    with io.TextIOWrapper(io.BytesIO(content), encoding=encoding) as stream:
        lines = stream.readlines()
    return Text("".join(lines), lines)
