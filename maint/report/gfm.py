"""GitHub-flavoured Markdown around text that is data: nothing of it is read as markup.

Data stands in code spans or fences only: there GitHub links no mention, issue number, commit or address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from maint.report.cells import printable, printable_lines, shorten

_TICKS = re.compile("`+")


def code(text: str, width: int = 120, *, table: bool = True) -> str:
    """Return ``text`` as a code span cut to ``width`` columns, safe in a cell unless ``table`` is false.

    Outside of tables, what a cell needs before a pipe would be shown.
    """
    shown = shorten(printable(text), width)
    if not shown.strip():
        return "` `" if text else ""
    # A backslash right before a pipe would decide over the pipe, differently from renderer to renderer.
    if table:
        shown = shown.replace("\\|", "\\¦").replace("|", "\\|")
    fence = "`" * (_longest_ticks(shown) + 1)
    space = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{space}{shown}{space}{fence}"


def fenced(text: str, limit: int = 2000) -> str:
    """Return the last ``limit`` characters of ``text`` as a fenced block."""
    body = "\n".join(printable_lines(text, limit))
    fence = "`" * max(3, _longest_ticks(body) + 1)
    return f"{fence}text\n{body}\n{fence}"


def table(titles: Sequence[str], align: str, rows: Iterable[Sequence[str]]) -> str:
    """Return a table; ``align`` has a ``<`` or ``>`` for each column, cells are Markdown already."""
    rule = ["--:" if side == ">" else ":--" for side in align]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (titles, rule, *rows))


def collapsed(summary: str, body: str) -> str:
    """Return ``body`` folded away under ``summary``, which is no data."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def within(texts: Iterable[str], room: int) -> Iterator[str]:
    """Yield the first lines of ``texts`` that fit into ``room`` characters together."""
    for text in texts:
        room -= len(text) + 1
        if room < 0:
            return
        yield text


def _longest_ticks(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)
