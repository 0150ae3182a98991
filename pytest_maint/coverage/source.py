"""Where the numbers of a session come from: pytest-cov, a running ``coverage run``, or our own tracing."""

from __future__ import annotations

import contextlib
import io
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from maint.errors import InputError
from maint.extras import require
from maint.report.cells import printable

from .tracing import Tracing, write_data

if TYPE_CHECKING:
    import coverage

_SOURCE = pytest.StashKey["Source"]()
_PYTEST_COV = "_cov"


class Source(Protocol):
    """One measurement of this process.

    ``gathers_workers`` is true where it combines what xdist's workers measured by itself. ``warnings`` are
    coverage's own.
    """

    gathers_workers: bool
    warnings: list[str]

    def result(self) -> coverage.Coverage:
        """What was measured until now, our own measurement ends; raises InputError where nothing was."""

    def publish(self) -> None:
        """Write the data file, where nobody else does; raises MaintError."""


class OwnTracing:
    """We measure: the data file is written of sessions that were judged, and of no others."""

    gathers_workers = False

    def __init__(self, root: Path, core: str) -> None:
        self._tracing = Tracing(root, core)
        self.warnings = self._tracing.warnings
        self.close = self._tracing.close

    def result(self) -> coverage.Coverage:
        """End it; subprocesses that ended are in it."""
        return self._tracing.stop()

    def publish(self) -> None:
        """Write ``.coverage``, or what coverage's settings name."""
        write_data(self._tracing.cov, self._tracing.data_file)


class CoverageRun:
    """``coverage run -m pytest`` measures, or measures this process for the one that started it."""

    gathers_workers = False

    def __init__(self, cov: coverage.Coverage) -> None:
        self._cov = cov
        self._began = int(time.time())
        self.warnings: list[str] = []

    def result(self) -> coverage.Coverage:
        """What it has; data that subprocesses wrote since pytest began is in it, and stays where it is.

        It goes on: whoever started it reports when pytest has ended.
        """
        package = require("coverage")
        try:
            base = Path(self._cov.get_data().base_filename())
            # Older ones are of another run that nobody combined.
            parts = [part for part in base.parent.glob(f"{base.name}.*") if self._is_new(part)]
            if parts:
                with contextlib.redirect_stderr(io.StringIO()):  # where it counts the files
                    self._cov.combine(data_paths=[str(part) for part in parts], keep=True)
        except package.exceptions.CoverageException as error:
            raise InputError(
                f"coverage: {printable(str(error).rstrip('.'))}; measure all processes alike"
            ) from None
        return self._cov

    def publish(self) -> None:
        """Nothing: ``coverage run`` writes its data at its end."""

    def _is_new(self, part: Path) -> bool:
        try:
            return part.stat().st_mtime >= self._began
        except OSError:
            return False


class PytestCov:
    """pytest-cov measures, and has combined everything when its hook has run."""

    gathers_workers = True

    def __init__(self, config: pytest.Config) -> None:
        self._manager = config.pluginmanager
        self.warnings: list[str] = []

    def result(self) -> coverage.Coverage:
        """Its combined measurement."""
        plugin = self._manager.getplugin(_PYTEST_COV)
        controller = getattr(plugin, "cov_controller", None)
        if controller is None or controller.cov is None:
            raise InputError("pytest-cov: measured nothing; leave out --cov, or find out why")
        found: coverage.Coverage = controller.cov
        return found

    def publish(self) -> None:
        """Nothing: pytest-cov has written the data file."""


def start(config: pytest.Config, core: str) -> None:
    """Begin to measure, or find who does; ``config`` may be one whose arguments are parsed only in part.

    Raises MaintError where coverage is not installed, or its settings cannot be used.
    """
    given = vars(config.known_args_namespace)
    if _SOURCE in config.stash or given.get("no_cov"):
        return
    # pytest-cov clears its option when it starts, and that may be before or after this.
    if given.get("cov_source") or config.pluginmanager.hasplugin(_PYTEST_COV):
        config.stash[_SOURCE] = PytestCov(config)
    elif running := require("coverage").Coverage.current():
        config.stash[_SOURCE] = CoverageRun(running)
    else:
        own = OwnTracing(config.rootpath, core)
        config.add_cleanup(own.close)
        config.stash[_SOURCE] = own


def source(config: pytest.Config) -> Source | None:
    """What measures this session; None with ``--no-cov``."""
    return config.stash.get(_SOURCE, None)
