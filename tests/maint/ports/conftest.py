"""Ports that are free for the length of a test, and a folder for its own leases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from maint.ports.lease import Leasing
from maint.ports.ranges import ephemeral, lease_range


@pytest.fixture
def free_ports() -> Iterator[range]:
    """Sixteen ports in a row that nobody has: leased in the folder that all sessions here share."""
    ports = lease_range(range(20000, 30000), ephemeral()).ports
    leases = Leasing(ports).leases(16, contiguous=True)
    yield range(leases[0].port, leases[-1].port + 1)
    for lease in leases:
        lease.release()


@pytest.fixture
def lease_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the leases and claims of this test and of the processes it starts are."""
    place = tmp_path / "leases"
    monkeypatch.setenv("MAINT_LEASE_DIR", str(place))
    return place
