"""Packages that live in a folder of another name: an install knows the way, an import root does not."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from maint.baseline import declared

FOLDER = ".maint-roots"


def link(tree: Path, root: str) -> list[str]:
    """Link renamed packages of the project in ``tree / root`` under their names.

    Returns the import root that holds the links, relative to ``tree``; empty where nothing is renamed.
    """
    project = tree / root
    linked = False
    for name, folder in declared.package_folders(project).items():
        parts = tuple(name.split("."))
        target = Path(os.path.normpath(project / folder))
        if not name or PurePosixPath(folder).parts[-len(parts) :] == parts:
            continue
        if target.is_dir() and target.is_relative_to(tree):
            place = tree / FOLDER / Path(*parts)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(os.path.relpath(target, place.parent))
            linked = True
    return [FOLDER] if linked else []
