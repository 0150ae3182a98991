"""One place in a file where a rule is not kept."""

from __future__ import annotations

from typing import NamedTuple


class Violation(NamedTuple):
    """Lines and columns count from 1, in characters; the end is exclusive, as in an editor's selection.

    ``symbol`` is the qualified name of the function or class around it, ``""`` at module level;
    ``certain`` is false where the file does not parse and the place was found by looking at its tokens.
    """

    code: str
    line: int
    column: int
    end_line: int
    end_column: int
    message: str
    symbol: str = ""
    certain: bool = True
