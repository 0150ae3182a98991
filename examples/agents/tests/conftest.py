"""What the kernel says of this process's TCP listeners."""

from __future__ import annotations

import psutil
import pytest


@pytest.fixture
def listening():
    """The TCP ports on which this process or a child of it listens at the moment of the call."""

    def ports() -> list[int]:
        process = psutil.Process()
        return [
            each.laddr.port
            for one in (process, *process.children(recursive=True))
            for each in one.net_connections("tcp")
            if each.status == psutil.CONN_LISTEN
        ]

    return ports
