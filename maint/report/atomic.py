"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from maint.errors import MaintError


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8; what has no UTF-8 form (a lone surrogate of a file name) is written escaped.

    Raises MaintError as `write_bytes` does.
    """
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_bytes(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content`` in one step, making its folder when missing.

    A reader sees the old file or the new one. Interrupted, the old file stays; a process killed outright may
    leave a hidden ``.tmp`` neighbour, never a shortened ``path``. Raises MaintError when it cannot write.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, content)
    except OSError as error:
        raise MaintError(unwritable(path, error)) from error


def unwritable(path: Path, error: OSError) -> str:
    """The sentence for a file that cannot be written."""
    cause = (error.strerror or str(error)).lower()
    return f"{path}: cannot be written ({cause}); make the folder writable or choose another one"


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}.tmp")
    # Not tempfile: it creates files as 0600, and a report is read by others (CI upload, web server).
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
