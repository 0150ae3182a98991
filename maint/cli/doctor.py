"""``maint doctor``: whether the tools around work with this project's rules, and what to change if not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from maint.config import nearest_root
from maint.errors import ConfigError

if TYPE_CHECKING:
    import argparse

HELP = "check that ruff, flake8, pre-commit and git are set up to work with this project's rules"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    parser.add_argument(
        "--root",
        type=Path,
        metavar="DIR",
        help="the repository (default: the nearest one with a pyproject.toml)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print one sentence for each problem; 1 where there is one."""
    from maint.doctor.checks import examine
    from maint.report.cells import printable

    root = arguments.root or nearest_root(Path.cwd())
    if not root.is_dir():
        raise ConfigError(f"--root {root}: no such folder; name the one that holds the repository")
    problems = examine(root)
    for problem in problems:
        print(printable(f"{problem.where}: {problem.message}; {problem.check}"))
    if not problems:
        print("nothing to put right")
    return 1 if problems else 0
