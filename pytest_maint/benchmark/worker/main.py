"""A worker process: take the order, settle where imports come from, then become a pytest session."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

from . import imports
from .link import Link

_PR_SET_PDEATHSIG = 1


def main(read_fd: int, write_fd: int) -> None:
    """Serve one controller until its order is done or it is gone."""
    _die_with_parent()
    link = Link(read_fd, write_fd)
    order = link.receive()
    os.chdir(order["cwd"])
    sys.argv = ["pytest"]
    imports.isolate(order["side_root"], order["forbidden"], order["paths"], order["roots"])
    # Only now: pytest imports pluggy and its plugins, any of which may be the project under test.
    from . import harness

    harness.run(link, order)


def _die_with_parent() -> None:
    """Ask Linux to end this process with its controller, which ``kill -9`` gives no chance to clean up."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
