"""Backup files among what was discovered: they are named, never opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from maint.lint.discovery import Discovery
from maint.lint.settings import Settings, matches
from maint.lint.violation import Violation
from maint.rules.table import RULES

RULE = RULES["MNT020"]


def backup_violations(discovery: Discovery, settings: Settings) -> Iterator[tuple[str, Violation]]:
    """Path and violation of each backup file in a folder of Python code, or below a package."""
    if not settings.is_on(RULE.code):
        return
    code = {str(PurePosixPath(path).parent) for path in discovery.files}
    packages = {folder for folder in code if f"{folder}/__init__.py" in discovery.files}
    for path in sorted({*discovery.files, *discovery.others}):
        place = PurePosixPath(path)
        if not matches(place.name.lower(), settings.backup_patterns):
            continue
        folders = [str(folder) for folder in place.parents]
        is_test = not set(settings.test_folders).isdisjoint(place.parts[:-1])
        if not is_test and (folders[0] in code or not packages.isdisjoint(folders)):
            yield path, Violation(RULE.code, 1, 1, 1, 1, f"{path}: {RULE.summary}; {RULE.remedy}")
