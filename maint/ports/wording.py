"""What a mistyped name was meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def suggestion(word: str, known: Iterable[str]) -> str:
    """``did you mean 'A' or 'B'?``, else all the names there are."""
    by_case = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), by_case, n=3)
    if close:
        return f"did you mean {' or '.join(repr(by_case[name]) for name in close)}?"
    return "known: " + (", ".join(sorted(by_case.values())) or "none")
