"""Texts that keep a length and match patterns."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated

from hypothesis import strategies as st

from .constraints import Constraints
from .errors import cannot

# one class of characters, repeated, and nothing else: ^[A-Z0-9]+$
_REPEATED = re.compile(r"(\^?(?:\[(?:\\.|[^\]\\])+\]|\\[dws]|\.))([*+])(\$?)")
_UTF8 = st.characters(codec="utf-8")


def texts(constraints: Constraints, where: str, *, rust: bool) -> st.SearchStrategy[str]:
    """Texts as the model accepts them: a pattern without anchors may match anywhere within.

    ``rust`` is for models whose patterns are judged by pydantic's own engine, which knows other escapes and
    lets no newline follow a ``$``. Raises CannotGenerate for a pattern that Python cannot read.
    """
    if not constraints.patterns:
        made = st.text(_UTF8, min_size=constraints.min_length or 0, max_size=constraints.max_length)
    else:
        made = _matching(constraints, where)
        if rust:
            made = made.map(_without_newline)
    for change in constraints.changes:
        made = made.map(change)
    if constraints.patterns or constraints.changes or constraints.predicates:
        made = made.filter(constraints.fits)
    if rust and constraints.patterns:
        made = made.filter(_rust_accepts(constraints.patterns))
    return made


def _matching(constraints: Constraints, where: str) -> st.SearchStrategy[str]:
    first, *others = (_sized(each, constraints) for each in constraints.patterns)
    try:
        compiled = [re.compile(each) for each in others]
        made = st.from_regex(re.compile(first), alphabet=_UTF8)
    except re.error as error:
        raise cannot(where, f"the pattern {first!r} is not one of Python's re ({error})") from None
    return made.filter(lambda text: all(each.search(text) for each in compiled)) if others else made


def _sized(pattern: str, constraints: Constraints) -> str:
    """The same pattern with the length in its one repetition, where it is no more than that.

    Lengths are otherwise left to a filter, which a long minimum would starve.
    """
    found = _REPEATED.fullmatch(pattern)
    if found is None or (constraints.min_length is None and constraints.max_length is None):
        return pattern
    least = max(constraints.min_length or 0, 1 if found[2] == "+" else 0)
    most = "" if constraints.max_length is None else constraints.max_length
    return f"{found[1]}{{{least},{most}}}{found[3]}"


def _without_newline(text: str) -> str:
    return text.removesuffix("\n")


def _rust_accepts(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    from pydantic import StringConstraints, TypeAdapter, ValidationError

    metadata = [StringConstraints(pattern=each) for each in patterns]
    adapter: TypeAdapter[str] = TypeAdapter(Annotated[(str, *metadata)])

    def accepts(text: str) -> bool:
        try:
            adapter.validate_python(text)
        except ValidationError:
            return False
        return True

    return accepts
