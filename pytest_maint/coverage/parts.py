"""The folder where subprocesses leave what they measured, until the session has combined it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

_NAME = re.compile(r"maint-coverage-(\d+)-")


def make_folder() -> Path:
    """A folder of this process among the temporary files."""
    sweep()
    return Path(tempfile.mkdtemp(prefix=f"maint-coverage-{os.getpid()}-"))


def sweep() -> None:
    """Remove the folders of processes that are gone: they were killed, or crashed."""
    for path in Path(tempfile.gettempdir()).glob("maint-coverage-*"):
        match = _NAME.match(path.name)
        if match and not _is_alive(int(match[1])):
            shutil.rmtree(path, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    if os.name != "posix":  # there, signal 0 is not a question
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
