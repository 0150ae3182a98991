"""MNT041 fixme-without-ticket: what is known to be wrong, and nobody will be reminded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from maint.lint.tickets import untracked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from maint.lint.module import Module
    from maint.lint.violation import Violation

CODE = "MNT041"

VALID = """
--- a ticket
f()  # FIXME SHOP-12: breaks on 29 February
--- on the next line of the comment
# HACK: the server sends latin-1
# see https://tickets.test/12
--- a TODO is MNT040
# TODO: faster
--- text in a string
text = "FIXME"
"""

INVALID = """
--- FIXME
f()  # FIXME: breaks on 29 February  # !
--- XXX
f()  # XXX why?  # !
--- HACK
# HACK  # !
f()
"""

_WORDS = re.compile(r"\b(?:FIXME|XXX|HACK)\b")


def check(module: Module) -> Iterator[Violation]:
    """FIXME, XXX and HACK comments that name no ticket."""
    yield from untracked(module, CODE, _WORDS)
