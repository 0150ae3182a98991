"""What the kernel says of this process's TCP listeners."""

from __future__ import annotations

import psutil
import pytest


@pytest.fixture(autouse=True)
def listening():
    """Ports on which this process or a child of it has come to listen since the test began."""
    before = listeners()  # plugins may have some: pytest-rerunfailures does
    return lambda: sorted(listeners() - before)


def listeners() -> set[int]:
    """The TCP ports of the process and its children, of the kernel's list."""
    process = psutil.Process()
    return {
        each.laddr.port
        for one in (process, *process.children(recursive=True))
        for each in one.net_connections("tcp")
        if each.status == psutil.CONN_LISTEN
    }
