"""Ports in files that are no Python: which files are read, by which reader, and as what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

from maint.lint.decoding import decoded
from maint.ports.scan import lines, suppression, tree
from maint.ports.scan.python import Facts

SIZE_LIMIT = 1024 * 1024
_TREES = frozenset({".yaml", ".yml", ".json"})
_PLAIN = frozenset({".toml", ".env"})
_UNITS = frozenset({".socket", ".service"})
# what tools write for themselves
_LOCKS = frozenset({"package-lock.json", "composer.lock", "poetry.lock", "uv.lock", "pnpm-lock.yaml"})
Reader = Callable[[str, str], Facts]


def reader(path: str) -> Reader | None:
    """What reads this file; None for one that holds no ports."""
    place = PurePosixPath(path)
    name = place.name.lower()
    if name in _LOCKS:
        return None
    if place.suffix in _TREES:
        return tree.facts
    if name.startswith(("dockerfile", "containerfile")) or place.suffix == ".dockerfile":
        return lines.dockerfile
    if place.suffix in _UNITS:
        return lines.unit
    if place.suffix in _PLAIN or name == ".env" or name.startswith(".env."):
        return lines.settings
    return None


def facts(content: bytes, path: str, read: Reader) -> Facts:
    """The sites of a file with the reasons that comments give."""
    text = decoded(content).text
    found = read(text, path)
    split = text.split("\n")
    return Facts([suppression.with_reason(one, split) for one in found.drafts], found.complaint)
