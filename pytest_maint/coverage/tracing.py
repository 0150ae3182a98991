"""Our own measurement of this process: coverage.py with the project's settings and the core by rule."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

from maint.errors import InputError
from maint.extras import require
from maint.report.atomic import write_bytes
from maint.report.cells import printable

from .core import Conditions, chosen_core
from .parts import make_folder, sweep
from .warned import recorded

if TYPE_CHECKING:
    import coverage

_CONFIG = "COVERAGE_PROCESS_CONFIG"
# Each is true of a session as such (a worker imports only some of the code, plugins import some before us),
# and under ``-W error`` each would end it.
_EXPECTED = ("already-imported", "module-not-imported", "module-not-measured", "no-data-collected")


class Tracing:
    """Started at once; data stays in memory, but for that of subprocesses (``patch = subprocess``).

    Raises InputError for settings that coverage refuses, ConfigError for a ``core`` that cannot measure.
    """

    def __init__(self, root: Path, core: str) -> None:
        self.warnings: list[str] = []
        self._root = root
        self._folder: Path | None = None
        self._environ = os.environ.get(_CONFIG)
        package = require("coverage")
        # Coverage finds its settings in, and names files relative to, the working directory.
        with contextlib.chdir(root), recorded(self.warnings):
            try:
                self.cov = self._configured(package.Coverage(), core)
                self.cov.start()
            except package.exceptions.CoverageException as error:
                self.close()
                raise InputError(f"coverage: {_said(error)}; put its settings right") from None

    def stop(self) -> coverage.Coverage:
        """End it; the data of subprocesses that have ended is in it. Raises InputError where they differ."""
        with contextlib.chdir(self._root):
            self._stop()
            self.cov.get_data()
            if self._folder is not None:
                self._combine(self._folder)
        return self.cov

    def close(self) -> None:
        """Stop, and remove what was put in place for subprocesses; harmless a second time."""
        if hasattr(self, "cov"):
            with recorded(self.warnings):
                self._stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
            sweep()  # of an xdist worker that crashed

    def _configured(self, cov: coverage.Coverage, core: str) -> coverage.Coverage:
        """``cov`` with what is ours to decide: the core, where data goes, which warnings are expected."""
        self.data_file = self._root / str(cov.get_option("run:data_file"))
        if cov.get_option("run:core") != (chosen := chosen_core(core, conditions(cov))):
            cov.set_option("run:core", chosen)
        disabled = cast("list[str]", cov.get_option("run:disable_warnings") or [])
        cov.set_option("run:disable_warnings", [*disabled, *_EXPECTED])
        # Subprocesses find the folder through coverage's own environment variable.
        self._folder = make_folder()
        cov.set_option("run:data_file", str(self._folder / "data"))
        cov.set_option("run:parallel", True)
        return cov

    def _stop(self) -> None:
        self.cov.stop()
        # What starts from now on is not of this session.
        if self._environ is None:
            os.environ.pop(_CONFIG, None)
        else:
            os.environ[_CONFIG] = self._environ

    def _combine(self, folder: Path) -> None:
        package = require("coverage")
        try:
            self.cov.combine(data_paths=[str(folder)], keep=True)
        except package.exceptions.NoDataError:
            pass  # a process that was killed wrote nothing that can be read
        except package.exceptions.CoverageException as error:
            raise InputError(f"coverage: {_said(error)}; measure all processes alike") from None


def conditions(cov: coverage.Coverage) -> Conditions:
    """What the settings of ``cov`` and this interpreter mean for the choice of a core."""
    return Conditions(
        python=(sys.version_info.major, sys.version_info.minor),
        branch=bool(cov.get_option("run:branch")),
        contexts=cov.get_option("run:dynamic_context") not in (None, "", "none"),
        plugins=bool(cov.get_option("run:plugins")),
        concurrency=frozenset(cast("list[str]", cov.get_option("run:concurrency") or ())),
        configured=str(cov.get_option("run:core") or ""),
        has_c_tracer=importlib.util.find_spec("coverage.tracer") is not None,
    )


def write_data(cov: coverage.Coverage, path: Path) -> None:
    """Replace the data file at ``path`` by the data of ``cov``; raises MaintError where that fails."""
    from coverage import CoverageData

    with tempfile.TemporaryDirectory(prefix="maint-coverage-") as folder:
        data = CoverageData(basename=str(Path(folder, "data")))
        data.update(cov.get_data())
        data.close(force=True)
        write_bytes(path, Path(folder, "data").read_bytes())


def _said(error: Exception) -> str:
    return printable(str(error).rstrip("."))
