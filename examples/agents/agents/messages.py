"""What the agents say to each other, as JSON."""

from __future__ import annotations

from typing import Annotated

import msgspec

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]*$", max_length=32)]


class Task(msgspec.Struct, forbid_unknown_fields=True):
    """Count the words of a text."""

    id: Annotated[int, msgspec.Meta(ge=1, le=2**31)]
    text: Annotated[str, msgspec.Meta(max_length=200)]


class Result(msgspec.Struct, forbid_unknown_fields=True):
    """The answer to the task of that id; ``error`` where there is none."""

    id: int
    words: int = 0
    error: str = ""


class Heartbeat(msgspec.Struct, forbid_unknown_fields=True):
    """A worker is alive, and has done so many tasks."""

    worker: Name
    done: Annotated[int, msgspec.Meta(ge=0)]


def solve(data: bytes) -> bytes:
    """The result of a task, as both are on the wire; what is no task gets a result that says so."""
    try:
        task = msgspec.json.decode(data, type=Task)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:  # msgspec lets the latter through
        return msgspec.json.encode(Result(0, error=str(error)))
    return msgspec.json.encode(Result(task.id, len(task.text.split())))
