"""MNT020 backup-file: old versions that lie beside the code and are shipped, grepped and edited with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maint.lint.settings import matches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from maint.lint.settings import Settings

CODE = "MNT020"

# These examples are names of files: this rule is about what no parser ever sees.
VALID = """
core.py
backup.py
restore_backup.py
create_backup_job.py
core_backup_2.py
save.py
old.py
bold.py
data.json
.gitignore
"""
INVALID = """
core.py.bak
core.bak
core.py.BAK
core.py.backup
core.backup2.py
core.py.orig
core.py.old
core.py.save
core.py~
core.py.DEPRECATED
core_backup_20240131.py
core_backup_2024-01-31.py
"""


def backups(names: Iterable[str], settings: Settings) -> list[str]:
    """Those of the file ``names`` that are called like a backup, sorted."""
    return sorted(name for name in names if matches(name.lower(), settings.backup_patterns))


def spokesman(names: Iterable[str]) -> str:
    """Where flake8 reports the backups of a folder: at ``__init__.py``, else the first module; or ``""``."""
    modules = sorted(name for name in names if name.endswith(".py"))
    return "__init__.py" if "__init__.py" in modules else next(iter(modules), "")
