"""Dependency declarations that differ between the two trees, which still share one environment."""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from maint.baseline import declared

_FILES = (
    *("requirements*.txt", "requirements*.in", "requirements/*.txt", "requirements/*.in", "constraints*.txt"),
    *("poetry.lock", "pdm.lock", "uv.lock", "pylock*.toml", "Pipfile", "Pipfile.lock"),
    *("environment*.yml", "environment*.yaml", "conda-lock.yml", "pixi.lock"),
)
_TABLES = (
    *("dependency-groups", "project.optional-dependencies"),
    *("tool.poetry.dependencies", "tool.poetry.group", "tool.poetry.dev-dependencies"),
    *("tool.pdm.dev-dependencies", "tool.uv.sources", "tool.setuptools.dynamic"),
)


def changed(baseline: Path, head: Path) -> list[str]:
    """Names of the files whose dependency declarations differ, relative to the project's two folders.

    ``setup.py`` counts only where it names ``install_requires``: what it computes cannot be read.
    """
    names = {
        path.relative_to(tree).as_posix()
        for tree in (baseline, head)
        for f in _FILES
        for path in tree.glob(f)
    }
    found = sorted(name for name in names if _content(baseline / name) != _content(head / name))
    readers = {"pyproject.toml": _pyproject, "setup.cfg": _setup_cfg, "setup.py": _setup_py}
    return found + [name for name, read in readers.items() if read(baseline) != read(head)]


def _content(path: Path) -> list[str]:
    """Lines that mean something: comments and blank lines of requirement files are left out."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    return [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]


def _pyproject(folder: Path) -> list[Any]:
    data = declared.pyproject(folder)
    project = declared.table(data, "project")
    return [project.get("dependencies"), *(declared.table(data, name) for name in _TABLES)]


def _setup_cfg(folder: Path) -> list[str]:
    return list(_requirements(folder / "setup.cfg"))


def _requirements(path: Path) -> Iterator[str]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return
    yield parser.get("options", "install_requires", fallback="")
    if parser.has_section("options.extras_require"):
        yield from (f"{name}={value}" for name, value in sorted(parser.items("options.extras_require")))


def _setup_py(folder: Path) -> list[str]:
    lines = _content(folder / "setup.py")
    return lines if any("install_requires" in line for line in lines) else []
