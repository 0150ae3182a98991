"""The pipe between a worker and its controller: one JSON object a line, both ways."""

from __future__ import annotations

import json
import os
from typing import Any


class Link:
    """Messages over two inherited file descriptors, never over the standard streams, which tests own.

    It works inside of tests that replace ``os.read`` or ``json.dumps``, as mocks and fake file systems do.
    """

    # Kept by the class: such tests look for these functions, and for ``os``, in modules.
    _read, _write = staticmethod(os.read), staticmethod(os.write)
    _encode, _decode = staticmethod(json.JSONEncoder().encode), staticmethod(json.JSONDecoder().decode)

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._buffer = b""

    def send(self, kind: str, **fields: Any) -> None:
        """Write one message whole."""
        data = self._encode({"kind": kind, **fields}).encode() + b"\n"
        while data:
            data = data[self._write(self._write_fd, data) :]

    def receive(self) -> dict[str, Any]:
        """Wait for the next message; raises EOFError when the controller is gone."""
        while b"\n" not in self._buffer:
            chunk = self._read(self._read_fd, 65536)
            if not chunk:
                raise EOFError("the controller closed the pipe")
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        message: dict[str, Any] = self._decode(line.decode())
        return message
