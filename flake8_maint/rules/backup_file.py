"""MNT020 backup-file: old versions that lie beside the code and are shipped, grepped and edited with it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath

from maint.rules.table import RULES

RULE = RULES["MNT020"]

VALID = (
    "core.py",
    "backup.py",
    "restore_backup.py",
    "create_backup_job.py",
    "save.py",
    "old.py",
    "data.json",
    ".gitignore",
)
INVALID = (
    "core.py.bak",
    "core.bak",
    "core.py.backup",
    "core.backup2.py",
    "core.py.orig",
    "core.py.old",
    "core.py.save",
    "core.py~",
    "core.py.DEPRECATED",
    "core_backup_20240131.py",
    "core_backup_2024-01-31.py",
)

_BACKUP = re.compile(
    r".+(?:\.(?:bak|orig|old|save|deprecated)|~|\.backup.*|_backup_\d{4}[-_\d]*\.py)", re.IGNORECASE
)
_TESTS = frozenset({"test", "tests", "testing", "testdata", "fixtures"})


def backups(names: Iterable[str]) -> list[str]:
    """Those of the file ``names`` that are called like a backup, sorted."""
    return sorted(name for name in names if _BACKUP.fullmatch(name))


def is_shipped(package: PurePath) -> bool:
    """Whether a package belongs to the product: test folders may hold such files as data."""
    return _TESTS.isdisjoint(package.parts)
