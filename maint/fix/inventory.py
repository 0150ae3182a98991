"""The broad handlers of a project's files, each by a key that survives line moves."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from importlib.util import source_hash
from pathlib import Path
from typing import NamedTuple

from maint.lint.handlers import handlers


class Key(NamedTuple):
    """``ordinal`` counts the handlers of ``symbol``; ``try_hash`` changes with what the try body does."""

    path: str
    symbol: str
    ordinal: int
    try_hash: str


class BroadHandler(NamedTuple):
    """One broad ``except``: its key, its place, and whether it is an ``except*``."""

    key: Key
    line: int
    column: int
    star: bool


class SourceFile(NamedTuple):
    """``path`` is relative to the root; ``source_hash`` that of its bytes, as bytecode files carry it."""

    path: str
    source_hash: bytes
    handlers: tuple[BroadHandler, ...]


def inventory(root: Path, paths: Iterable[str]) -> Iterator[SourceFile]:
    """The files among ``paths`` (relative to ``root``) with broad handlers; what does not parse has none."""
    for path in paths:
        try:
            source = (root / path).read_bytes()
        except OSError:
            continue
        if b"except" in source and (found := broad_handlers(source, path)):
            yield SourceFile(path, source_hash(source), found)


def broad_handlers(source: bytes, path: str) -> tuple[BroadHandler, ...]:
    """The broad handlers of one file in the order of their lines."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    return tuple(
        BroadHandler(
            Key(path, each.symbol, each.ordinal, each.try_hash),
            each.node.lineno,
            each.node.col_offset,
            isinstance(each.try_node, ast.TryStar),
        )
        for each in handlers(tree)
        if each.broad
    )
