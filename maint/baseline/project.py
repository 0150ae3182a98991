"""What the gate knows of a project before it makes the two trees."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

# Folders whose content drives benchmarks rather than being benchmarked.
HARNESS_NAMES = frozenset(
    {
        *("test", "tests", "testing", "testsuite", "perf", "performance"),
        *("bench", "benches", "benchmark", "benchmarks", "asv_bench"),
    }
)


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """The head as pytest collected it; every path absolute, in the user's own tree.

    ``root`` is pytest's rootdir. ``sys_path`` and ``modules`` (name to file) are the collecting process's;
    ``pythonpath``, ``copy`` and ``harness`` are relative to ``root``, the last two glob patterns.
    ``build`` is the command that makes the extension modules, run in both trees.
    """

    root: Path
    benchmark_files: tuple[Path, ...] = ()
    conftest_files: tuple[Path, ...] = ()
    ini_file: Path | None = None
    sys_path: tuple[str, ...] = ()
    modules: Mapping[str, str] = {}
    pythonpath: tuple[str, ...] = ()
    copy: tuple[str, ...] = ()
    harness: tuple[str, ...] = ()
    build: str | None = None

    def real(self) -> Project:
        """The same with ``root`` resolved, as git names it, and the paths below it moved along."""
        real = Path(os.path.realpath(self.root))

        def moved(path: Path) -> Path:
            return real / path.relative_to(self.root) if path.is_relative_to(self.root) else path

        return msgspec.structs.replace(
            self,
            root=real,
            benchmark_files=tuple(map(moved, self.benchmark_files)),
            conftest_files=tuple(map(moved, self.conftest_files)),
            ini_file=None if self.ini_file is None else moved(self.ini_file),
        )


def in_environment(path: Path, top: Path) -> bool:
    """True for what is installed rather than written: site-packages and virtual environments in ``top``."""
    if not {"site-packages", "dist-packages"}.isdisjoint(path.parts):
        return True
    return any(
        (folder / "pyvenv.cfg").is_file() for folder in (path, *path.parents) if folder.is_relative_to(top)
    )
