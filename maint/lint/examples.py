"""The examples in the rules: what is a rule's test and its documentation at once."""

from __future__ import annotations

import sys
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

from maint.lint.engine import RULES

if TYPE_CHECKING:
    from types import ModuleType

# where an example lies that says nothing of it
PATH = "shop/core.py"
_START = "--- "
_MARK = "  # !"


class Example(NamedTuple):
    """One example: ``lines`` are those that the rule reports, from 1; ``options`` those of the table."""

    title: str
    code: str
    lines: tuple[int, ...]
    path: str
    options: dict[str, Any]


def examples(text: str) -> list[Example]:
    """The examples of ``text``: ``--- title [options as in TOML]``, then code with ``# !`` at what is found.

    Code that begins with ``except`` has ``try: f()`` before it. The option ``path`` is where the file is
    said to lie.
    """
    return [_example(part) for part in text.strip("\n").removeprefix(_START).split("\n" + _START)]


def _example(part: str) -> Example:
    heading, _, code = part.partition("\n")
    title, _, table = heading.partition(" [")
    options = tomllib.loads(f"found = {{{table[:-1]}}}")["found"] if table else {}
    lines = [*["try: f()"] * code.startswith("except"), *code.rstrip("\n").split("\n")]
    marked = tuple(number for number, line in enumerate(lines, 1) if line.endswith(_MARK))
    plain = "\n".join(line.removesuffix(_MARK) for line in lines) + "\n"
    return Example(title, plain, marked, options.pop("path", PATH), options)


def rule_module(code: str) -> ModuleType:
    """The module of a rule on syntax, which has ``VALID`` and ``INVALID``; KeyError when there is none."""
    return sys.modules[RULES[code].__module__]
