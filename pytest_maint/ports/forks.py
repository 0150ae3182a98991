"""Findings of forked children: they have the guard of their parent, and its memory no more."""

from __future__ import annotations

import contextlib
import os
import select

import msgspec

from maint.findings import Finding


class Forks:
    """A pipe from the forks of this process; made before the first of them."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._read, self._write = os.pipe()  # not inherited by exec
        for descriptor in (self._read, self._write):
            os.set_blocking(descriptor, False)

    @property
    def is_parent(self) -> bool:
        """Whether this is the process that runs the tests."""
        return os.getpid() == self._pid

    def send(self, finding: Finding) -> None:
        """Tell the parent; in one piece or not at all."""
        line = msgspec.json.encode(finding) + b"\n"
        if len(line) <= select.PIPE_BUF:
            with contextlib.suppress(OSError):
                os.write(self._write, line)

    def received(self) -> list[Finding]:
        """What came since the last time."""
        data = b""
        with contextlib.suppress(BlockingIOError):
            while part := os.read(self._read, 1 << 16):
                data += part
        return [msgspec.json.decode(line, type=Finding) for line in data.splitlines()]

    def close(self) -> None:
        """Leave nothing behind; a fork's copies end with the fork."""
        if self.is_parent:
            os.close(self._read)
            os.close(self._write)
