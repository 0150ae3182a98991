"""Where in the code something was done: the line of the project, beneath which are other people's."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NamedTuple

_FOREIGN = tuple(
    f"{path}{os.sep}"
    for path in {sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    if path
)
_OWN = f"{Path(__file__).parent.parent}{os.sep}"
_DEPTH = 200


class Site(NamedTuple):
    """A line of code; ``path`` is absolute, or ``<string>`` and its like."""

    path: str
    line: int
    function: str

    def shown(self, root: Path) -> str:
        """``tests/test_a.py:12``, relative to ``root`` where it lies under it."""
        return f"{self.relative(root)}:{self.line}"

    def relative(self, root: Path) -> str:
        """The POSIX path from ``root``, or as it is where it lies elsewhere."""
        try:
            return Path(self.path).relative_to(root).as_posix()
        except ValueError:
            return self.path


def calls(frame: FrameType | None = None) -> Iterator[FrameType]:
    """The frames from ``frame`` outwards, those of this plugin left out."""
    frame = sys._getframe(1) if frame is None else frame
    for _ in range(_DEPTH):
        if frame is None:
            return
        if not frame.f_code.co_filename.startswith(_OWN):
            yield frame
        frame = frame.f_back


def of_calls(frames: Iterator[FrameType]) -> Site:
    """The innermost line that is neither the standard library's nor an installed package's."""
    first: FrameType | None = None
    for frame in frames:
        first = first or frame
        name = frame.f_code.co_filename
        if not name.startswith((*_FOREIGN, "<")):
            return _site(frame)
    return _site(first) if first is not None else Site("", 0, "")


def _site(frame: FrameType) -> Site:
    return Site(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
