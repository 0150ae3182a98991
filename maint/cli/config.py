"""``maint config``: every option, its value, and where that came from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from maint.cli.root import add_root, root_of
from maint.config import load
from maint.options.table import OPTIONS

if TYPE_CHECKING:
    import argparse

_USER = re.compile(r'(^"|://)[^/"]*@')
_QUERY = re.compile(r'(://[^"?]*\?)[^"]+')

HELP = "print every option of [tool.maint], its value, and where that came from"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    add_root(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the settings; ConfigError lists every problem of the table."""
    config = load(root_of(arguments), {})
    rows = [(o.name, _masked(shown(config[o.name])), config.source(o.name)) for o in OPTIONS if o.toml]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, _widths(rows), strict=True)).rstrip())
    return 0


def _masked(text: str) -> str:
    """Without the user, password and query of a URL: what is printed here ends up in the logs of CI."""
    return _QUERY.sub(r"\1***", _USER.sub(r"\1***@", text))


def shown(value: object) -> str:
    """A value as it would be written in TOML; ``-`` for none."""
    match value:
        case None:
            return "-"
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case tuple():
            return "[" + ", ".join(map(shown, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{key} = {shown(item)}" for key, item in value.items()) + "}"
        case _:
            return str(value)


def _widths(rows: list[tuple[str, str, str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*rows, strict=True)]
