"""The backup files around a module, which flake8 never visits: one module speaks for its folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from maint.lint.rules.backup_file import CODE, backups, spokesman
from maint.lint.violation import Violation
from maint.rules.table import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePath

    from flake8_maint.options import Session


def backup_violations(path: PurePath, session: Session) -> Iterator[Violation]:
    """The backups of the folder of ``path`` and of those below without code, if ``path`` speaks for it.

    ``path`` is relative to the root. Each is reported in line 1, with its own path in the message.
    """
    settings = session.settings
    if not settings.is_on(CODE) or not set(settings.test_folders).isdisjoint(path.parts[:-1]):
        return
    folder = path.parent
    names, _ = _listing(session, folder)
    if path.name != spokesman(names):
        return
    rule = RULES[CODE]
    for found in _backups_below(folder, session):
        if session.baseline and session.baseline.knows_file(found.as_posix(), CODE):
            continue
        yield Violation(CODE, 1, 1, 1, 1, f"{found.as_posix()}: {rule.summary}; {rule.remedy}")


def _backups_below(folder: PurePath, session: Session) -> Iterator[PurePath]:
    pending = [folder]
    while pending:
        place = pending.pop()
        names, folders = _listing(session, place)
        if place != folder and (spokesman(names) or place.name in session.settings.test_folders):
            continue
        yield from (place / name for name in backups(names, session.settings))
        if _is_in_package(folder, session):
            pending += [place / name for name in folders]


def _is_in_package(folder: PurePath, session: Session) -> bool:
    return any((session.root / one / "__init__.py").is_file() for one in (folder, *folder.parents))


def _listing(session: Session, folder: PurePath) -> tuple[list[str], list[str]]:
    """Names of the files and of the visible folders; none where it cannot be read."""
    try:
        with os.scandir(session.root / folder) as entries:
            found = [(one.name, one.is_dir(follow_symlinks=False)) for one in entries]
    except OSError:
        return [], []
    folders = sorted(
        name for name, is_folder in found if is_folder and not name.startswith((".", "__pycache__"))
    )
    return [name for name, is_folder in found if not is_folder], folders
