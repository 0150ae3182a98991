"""What the verbs that take reports read: files by name, ``-`` for standard input."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from maint.errors import InputError
from maint.readers.formats import read
from maint.readers.pytest_benchmark import Limits
from maint.readers.source import STDIN, Source

if TYPE_CHECKING:
    from maint.config import Config
    from maint.report.section import Section


def sections_in(names: Sequence[str], root: Path, config: Config, forced: str | None = None) -> list[Section]:
    """Every run in the files, each finding once; ``forced`` is a format instead of what the content says.

    Raises InputError when a file cannot be read or is not what it should be.
    """
    if names.count(STDIN) > 1:
        raise InputError("standard input: given twice; it can be read once")
    limits = Limits(config["benchmark.warning"], config["benchmark.critical"])
    return read((_source(name, root) for name in names), limits, forced)


def _source(name: str, root: Path) -> Source:
    try:
        content = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
    except OSError as error:
        cause = (error.strerror or str(error)).lower()
        raise InputError(
            f"{Source(name, b'', root).shown}: cannot be read ({cause}); check the name"
        ) from None
    return Source(name, content, root)
