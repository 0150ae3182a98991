"""MNT021 archived-module: old code that can still be imported, and is found by every search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maint.lint.settings import matches
from maint.lint.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from maint.lint.module import Module

CODE = "MNT021"

VALID = """
--- a module of that name [path = "shop/archive.py"]
ONE = 1
--- a folder that only sounds like it [path = "shop/archived/core.py"]
ONE = 1
--- among the tests [path = "tests/old/core.py"]
ONE = 1
--- a script that no import finds [path = "shop/old/2019-01-export.py"]
ONE = 1
--- the folder is the product here [path = "shop/backups/core.py", archive-folders = ["old"]]
ONE = 1
--- nothing in it [path = "shop/old/__init__.py"]
"""

INVALID = """
--- old [path = "shop/old/core.py"]
ONE = 1  # !
--- a trash folder [path = "shop/_trash_2024/core.py"]
ONE = 1  # !
--- further down [path = "src/shop/backups/stock/core.py"]
ONE = 1  # !
--- archive [path = "archive/core.py"]
ONE = 1  # !
"""


def check(module: Module) -> Iterator[Violation]:
    """Modules below a folder of old code, each at its first line."""
    path = module.path
    if not path.stem.isidentifier() or not module.tree.body or module.is_test:
        return
    for folder in path.parts[:-1]:
        if matches(folder.lower(), module.settings.archive_folders):
            message = f"{path.as_posix()}: a module in {folder}/ can still be imported; delete it, git has it"
            yield Violation(CODE, 1, 1, 1, 1, message)
            return
