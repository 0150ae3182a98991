"""The pipe between a worker and its controller: one JSON object a line, both ways."""

from __future__ import annotations

import json
import os
from typing import Any


class Link:
    """Messages over two inherited file descriptors, never over the standard streams, which tests own."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._buffer = b""

    def send(self, kind: str, **fields: Any) -> None:
        """Write one message whole."""
        data = json.dumps({"kind": kind, **fields}).encode() + b"\n"
        while data:
            data = data[os.write(self._write_fd, data) :]

    def receive(self) -> dict[str, Any]:
        """Wait for the next message; raises EOFError when the controller is gone."""
        while b"\n" not in self._buffer:
            chunk = os.read(self._read_fd, 65536)
            if not chunk:
                raise EOFError("the controller closed the pipe")
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message
