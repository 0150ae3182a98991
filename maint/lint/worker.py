"""A process that looks at files: one JSON line of paths in, one of outcomes out, until the input ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from maint.lint.cache import digest
from maint.lint.discovery import read
from maint.lint.inspection import Outcome, failed, inspect_content, quiet
from maint.lint.settings import Settings


class Order(msgspec.Struct, frozen=True):
    """The first line: where the paths are from, and the values of the settings they are looked at under.

    Paths travel as the bytes of the file system, which need not be UTF-8.
    """

    root: bytes
    values: dict[str, Any]


class Seen(NamedTuple):
    """What was looked at and what it gave; ``digest`` is empty for a file that could not be read."""

    digest: bytes
    outcome: Outcome


def main() -> None:
    """Serve standard input. A killed parent closes it, so that no worker outlives its run."""
    stream, answer = sys.stdin.buffer, sys.stdout.buffer
    order = msgspec.json.decode(stream.readline(), type=Order)
    root, settings = Path(os.fsdecode(order.root)), Settings(order.values)
    with quiet():
        for line in stream:
            paths = map(os.fsdecode, msgspec.json.decode(line, type=list[bytes]))
            answer.write(_encoded([_seen(root, path, settings) for path in paths]) + b"\n")
            answer.flush()


def _seen(root: Path, path: str, settings: Settings) -> Seen:
    # Read again rather than received: the file may have changed since, and the digest is of what was judged.
    content = read(root, path)
    if isinstance(content, str):
        return Seen(b"", Outcome(skipped=content))
    return Seen(digest(path, content), inspect_content(content, path, settings))


def _encoded(every: list[Seen]) -> bytes:
    """The answer as JSON; what cannot be written in it is an internal finding of its file."""
    try:
        return msgspec.json.encode(every)
    except Exception as error:  # boundary: one bad file is one finding  # noqa: BLE001
        if len(every) == 1:
            return msgspec.json.encode([Seen(b"", failed(f"{type(error).__name__}: {error}"))])
    parts = [msgspec.json.decode(_encoded([one])) for one in every]
    return msgspec.json.encode([seen for part in parts for seen in part])


if __name__ == "__main__":
    main()
