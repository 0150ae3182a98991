"""MNT040 todo-without-ticket: what is left to do, and nobody will be reminded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from maint.lint.tickets import untracked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from maint.lint.module import Module
    from maint.lint.violation import Violation

CODE = "MNT040"

VALID = """
--- a ticket
f()  # TODO(SHOP-12): faster
--- a number
# TODO: faster, see #12
--- an address
# TODO: faster, https://tickets.test/12
--- on the next line of the comment
# TODO: faster
# see SHOP-12
--- text in a string
text = "# TODO: faster"
--- another word
# TODOS are listed elsewhere
--- another kind of ticket [ticket-regex = "T[0-9]+"]
# TODO T12: faster
"""

INVALID = """
--- no ticket
f()  # TODO: faster  # !
--- the next line is code
# TODO: faster  # !
SHOP = "SHOP-12"
--- the next one has the ticket
# TODO: faster  # !
# TODO: nicer, see SHOP-12
--- in an indented block
def f():
    # TODO faster  # !
    return 1
"""

_WORDS = re.compile(r"\bTODO\b")


def check(module: Module) -> Iterator[Violation]:
    """TODO comments that name no ticket."""
    yield from untracked(module, CODE, _WORDS)
