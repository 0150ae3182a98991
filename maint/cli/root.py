"""``--root``, which most verbs have, and the folder that it means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from maint.config import FILE, nearest_root
from maint.errors import ConfigError

if TYPE_CHECKING:
    import argparse


def add_root(parser: argparse.ArgumentParser, described: str = "the project") -> None:
    """Declare it; ``described`` is what the folder holds."""
    parser.add_argument(
        "--root",
        type=Path,
        metavar="DIR",
        help=f"{described} (default: the nearest folder upwards with a {FILE})",
    )


def root_of(arguments: argparse.Namespace) -> Path:
    """The folder; ConfigError where ``--root`` names none, which would be a project without settings."""
    root: Path = arguments.root or nearest_root(Path.cwd())
    if not root.is_dir():
        raise ConfigError(f"--root {root}: no such folder; name the one that holds the project")
    return root
