"""A literal port: ``get_port("NAME_5555")`` from the registry. Unsafe, the registry has to know the name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from maint.fix.proposal import Edit, Import, Proposal
from maint.fix.target import Target
from maint.lint.violation import Violation

CODE = "MNT030"
_NUMBER = re.compile(r"\d{1,5}")
# one piece, one line, no escape: what becomes an f-string must not hold what an f-string reads otherwise
_STRING = re.compile(
    r"""(?P<prefix>[fF]?)(?P<quote>['"])(?P<head>[^'"\\\n]*:)(?P<port>\d{1,5})(?P<tail>(?:/[^'"\\\n]*)?)(?P=quote)"""
)


def proposals(target: Target) -> Iterator[Proposal]:
    """One for each literal that MNT030 reports, where the registry is known and the literal is simple."""
    for violation in target.at(CODE):
        imports = _imports(target)
        edit = _edit(target, violation) if imports is not None else None
        if edit is not None and imports is not None:
            title = f"the registry has to know the name in {edit.text}"
            yield Proposal(CODE, violation.line, title, False, (edit,), imports)


def _imports(target: Target) -> tuple[Import, ...] | None:
    """What ``get_port`` needs; None where nobody said where it is."""
    imported = (node for node in target.source.tree.body if isinstance(node, ast.ImportFrom))
    if any("get_port" in (alias.asname, alias.name) for node in imported for alias in node.names):
        return ()
    return None if target.registry is None else (target.registry,)


def _edit(target: Target, violation: Violation) -> Edit | None:
    start, end = _span(target, violation)
    text = target.source.text[start:end]
    number = re.fullmatch(_NUMBER, text)
    if number:
        return Edit(start, end, f'get_port("{_name(target, text)}")')
    pair = re.fullmatch(r"\([^,()]*,\s*(\d{1,5})\s*,?\s*\)", text)
    if pair:
        return Edit(start + pair.start(1), start + pair.end(1), f'get_port("{_name(target, pair[1])}")')
    string = _STRING.fullmatch(text)
    if string is None or (not string["prefix"] and not {"{", "}"}.isdisjoint(text)):
        return None
    other = "'" if string["quote"] == '"' else '"'
    call = f"{{get_port({other}{_name(target, string['port'])}{other})}}"
    return Edit(start, end, f"f{string['quote']}{string['head']}{call}{string['tail']}{string['quote']}")


def _span(target: Target, violation: Violation) -> tuple[int, int]:
    starts = target.source.starts
    first = starts[violation.line - 1] + violation.column - 1
    return first, starts[violation.end_line - 1] + violation.end_column - 1


def _name(target: Target, port: str) -> str:
    """A name to be replaced by a better one: the file's and the number."""
    stem = re.sub(r"\W", "_", PurePosixPath(target.source.path).stem).upper()
    return f"{stem}_{port}"
