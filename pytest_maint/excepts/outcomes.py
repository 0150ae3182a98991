"""For ``maint fix --narrow``: says which tests failed, in the file that ``MAINT_OUTCOMES`` names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


class Outcomes:
    """Gathers in the controller; the file holds one ``ascii`` of a node id a line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._failed: dict[str, None] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Failed in any phase; under xdist too this is where the controller learns of it."""
        if report.failed:
            self._failed[report.nodeid] = None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module that cannot be imported fails all its tests."""
        if report.failed:
            self._failed[report.nodeid] = None

    def pytest_sessionfinish(self) -> None:
        """Write them down; without a file the run did not get this far."""
        self._path.write_text("".join(f"{test!a}\n" for test in self._failed), encoding="ascii")


def pytest_configure(config: pytest.Config) -> None:
    """Loaded by ``-p`` alone, so the file is asked for; workers of xdist have nothing to say."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Outcomes(Path(os.environ["MAINT_OUTCOMES"])), "maint-outcomes")
