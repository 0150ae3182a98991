"""The codes that are selected and ignored: each must be one of a rule, or the beginning of some."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from maint.config import FILE
from maint.errors import ConfigError
from maint.lint.settings import RENAMED
from maint.rules.static import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LISTS = ("select", "extend-select", "ignore")
TABLE = f"{FILE}: [tool.maint.lint] "
_CODES = (*(rule.code for rule in RULES), RENAMED)


def check_selection(given: Mapping[str, Iterable[str] | None], where: str) -> None:
    """Raise ConfigError for a code that no rule's begins with: a typing error would switch rules off.

    ``given`` maps ``LISTS`` to codes and may hold more; ``where`` is what is written before those names.
    """
    for name in LISTS:
        for code in given.get(name) or ():
            if not any(known.startswith(code) for known in _CODES):
                raise ConfigError(f"{where}{name} {code}: no such code; {_hint(code)}")


def _hint(code: str) -> str:
    close = difflib.get_close_matches(code, _CODES, n=1) if code.isupper() else ()
    return f"did you mean {close[0]}?" if close else "codes are written E900, MNT010"
