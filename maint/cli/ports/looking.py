"""What ``maint ports scan``, ``check``, ``graph`` and ``init`` share: the project, its registry, one scan."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from maint.cli.root import root_of
from maint.config import load as load_config
from maint.lint.cache import FOLDER
from maint.lint.settings import Settings
from maint.ports.lookup import FILE_VARIABLE
from maint.ports.registry import Entry, Registry, load
from maint.ports.scan.findings import findings, section
from maint.ports.scan.judge import Case, Fault, judge
from maint.ports.scan.run import Scan, scan
from maint.report.command_line import masked
from maint.report.section import Section

if TYPE_CHECKING:
    import argparse


class Looked(NamedTuple):
    """One look at a project; ``registry`` is the path of the registry's file, there or not."""

    root: Path
    scan: Scan
    case: Case
    faults: list[Fault]
    section: Section
    registry: Path


def look(arguments: argparse.Namespace, *, is_first: bool = False) -> Looked:
    """Scan and judge what the arguments name; ``is_first`` where the registry is yet to be written.

    Raises ConfigError for a bad root, table or registry, and for a registry that was named and is not there.
    """
    root = root_of(arguments).resolve()
    config = load_config(root, {})
    named = arguments.registry or os.environ.get(FILE_VARIABLE)
    path = Path(named) if named else root / config["ports.registry"]
    is_named = bool(named) or config.source("ports.registry") != "default"
    registry = load(path) if path.is_file() or (is_named and not is_first) else None
    cache = None if arguments.no_cache else root / FOLDER
    found = scan(root, arguments.paths or [root], _lookup(registry), cache=cache, leave=path.resolve())
    partial = _partial(root, arguments.paths)
    settings = Settings(config.section("lint"))
    case = Case(
        found.sites,
        _entries(registry),
        _relative(path, root),
        found.texts,
        not partial,
        lambda name: settings.is_test(Path(name)),
    )
    faults = judge(case)
    command = shlex.join(masked(("maint", *sys.argv[1:])))
    part = section(
        found, findings(faults), has_registry=registry is not None, partial=partial, command=command
    )
    return Looked(root, found, case, faults, part, path)


def _lookup(registry: Registry | None) -> Callable[[str], int | None]:
    def port(name: str) -> int | None:
        entry = registry.entries.get(name) if registry else None
        return entry.ports[0] if entry else None

    return port


def _entries(registry: Registry | None) -> tuple[Entry, ...] | None:
    return None if registry is None else tuple(registry.entries.values())


def _relative(path: Path, root: Path) -> str:
    absolute = path.resolve()
    return (absolute.relative_to(root) if absolute.is_relative_to(root) else path).as_posix()


def _partial(root: Path, paths: list[Path]) -> str:
    """Why this look was not at the whole project, or ``""``."""
    if not paths or any(path.resolve() == root for path in paths):
        return ""
    return "only " + ", ".join(map(str, paths[:5])) + (" and more" if len(paths) > 5 else "")
