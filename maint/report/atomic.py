"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from maint.errors import MaintError

_TEMPORARY = re.compile(r"\..*\.[0-9a-f]{12}\.tmp", re.DOTALL)
ABANDONED_S = 600.0


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


def create_bytes(path: Path, content: bytes) -> bool:
    """Make ``path`` with ``content`` in one step, and return whether this call made it: what is there stays.

    Raises MaintError when it cannot write.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _written(path, content) as temporary:
            os.link(temporary, path)
    except FileExistsError:
        return False
    except OSError as error:
        raise MaintError(unwritable(path, error)) from error
    return True


def replace_bytes(path: Path, expected: bytes, content: bytes) -> bool:
    """Replace ``path`` in one step while it holds ``expected``, and return whether it did.

    All the writing is done before the look, so somebody else's write gets lost only between the look and the
    step after it. Raises MaintError when it cannot write.
    """
    try:
        with _written(path, content) as temporary:
            if path.read_bytes() != expected:
                return False
            temporary.replace(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise MaintError(unwritable(path, error)) from error
    return True


def sweep(folder: Path) -> None:
    """Delete what writers that were killed left in ``folder`` more than ten minutes ago."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if _TEMPORARY.fullmatch(path.name) and time.time() - path.stat().st_mtime > ABANDONED_S:
                path.unlink(missing_ok=True)


def unwritable(path: Path, error: OSError) -> str:
    """The sentence for a file that cannot be written."""
    cause = (error.strerror or str(error)).lower()
    return f"{path}: cannot be written ({cause}); make the folder writable or choose another one"


def _replace(path: Path, content: bytes) -> None:
    with _written(path, content) as temporary:
        temporary.replace(path)


@contextlib.contextmanager
def _written(path: Path, content: bytes) -> Iterator[Path]:
    """A hidden neighbour of ``path`` that holds ``content``; gone afterwards, unless it was renamed."""
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}.tmp")
    # Not tempfile: it creates files as 0600, and a report is read by others (CI upload, web server).
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
