"""The project that a ``maint coverage`` command is about: its root, settings and measurement."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from maint.cli.root import root_of
from maint.config import load
from maint.coverage.measured import Measured, read
from maint.coverage.measured import settings as coverage_settings
from maint.coverage.settings import CoverageSettings
from maint.errors import InputError

if TYPE_CHECKING:
    import argparse


class Project(msgspec.Struct, frozen=True):
    """``root`` is absolute."""

    root: Path
    settings: CoverageSettings

    def measured(self, data: Path | None) -> Measured:
        """The measurement in ``data``, or where coverage's settings say; raises InputError without one."""
        return read(Path.cwd() / data if data else self.data_file(), self.root)

    def data_file(self) -> Path:
        """Where coverage's settings put the data, ``coverage.json`` where that alone is there."""
        cov = coverage_settings(self.root)
        path = self.root / str(cov.get_option("run:data_file"))
        report = self.root / str(cov.get_option("json:output"))
        if path.is_file() or not report.is_file():
            self._refuse_parts(path)
            return path
        return report

    def _refuse_parts(self, path: Path) -> None:
        """Data of parallel runs that nobody combined would be judged as if nothing had run."""
        if not path.is_file() and any(path.parent.glob(f"{path.name}.*")):
            raise InputError(f"{path}: only its parts are there; run: coverage combine")

    def relative(self, name: str) -> str:
        """``name``, relative to where the user is or to the root, as the measurement has it."""
        here = Path(os.path.normpath(Path.cwd() / name))
        chosen = here if here.exists() else self.root / name
        if chosen.is_relative_to(self.root):
            return chosen.relative_to(self.root).as_posix()
        return Path(name).as_posix()


def project(arguments: argparse.Namespace, given: Mapping[str, object] | None = None) -> Project:
    """The project of ``arguments.root``, with ``given`` options over its table; raises ConfigError."""
    root = root_of(arguments).absolute()
    chosen = {name: value for name, value in (given or {}).items() if value is not None}
    return Project(Path(os.path.normpath(root)), CoverageSettings.of(load(root, chosen)))
