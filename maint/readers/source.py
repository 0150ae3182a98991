"""What a reader is given: the bytes, the name that errors call them by, and the project they speak of."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import NamedTuple

from maint.errors import InputError
from maint.report.cells import printable, shorten

STDIN = "-"


class Source(NamedTuple):
    """One file or stream; paths below ``root`` become relative to it."""

    name: str
    content: bytes
    root: Path

    @property
    def shown(self) -> str:
        """What errors call it."""
        return "standard input" if self.name == STDIN else printable(self.name)

    def text(self) -> str:
        """The content as text; InputError names the first byte that is no UTF-8."""
        if self.content.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise InputError(f"{self.shown}:1:1: UTF-16, expected UTF-8; write the file again as UTF-8")
        try:
            return self.content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(
                f"{self.at(error.start)}: byte {error.start} is not UTF-8; write the file again as UTF-8"
            ) from None

    def at(self, offset: int) -> str:
        """``name:line:column`` of a byte offset, counted from 1."""
        before = self.content[:offset]
        line = before.count(b"\n") + 1
        column = offset - (before.rfind(b"\n") + 1) + 1
        return f"{self.shown}:{line}:{column}"

    def relative(self, path: str) -> str:
        """A path as findings carry it: POSIX, relative to the root where it lies below."""
        for root in (self.root, self.root.resolve()):
            prefix = f"{root.as_posix().rstrip('/')}/"
            if path.startswith(prefix):
                path = path.removeprefix(prefix)
                break
        return posixpath.normpath(path) if path else path


def cut(text: str, limit: int = 80) -> str:
    """Text from outside, fit for one sentence of an error."""
    return shorten(printable(text), limit)
