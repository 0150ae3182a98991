"""What the gate knows of a project before it makes the two trees."""

from __future__ import annotations

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


def in_environment(path: Path, top: Path) -> bool:
    """True for what is installed rather than written: site-packages and virtual environments in ``top``."""
    if not {"site-packages", "dist-packages"}.isdisjoint(path.parts):
        return True
    return any(
        (folder / "pyvenv.cfg").is_file() for folder in (path, *path.parents) if folder.is_relative_to(top)
    )
