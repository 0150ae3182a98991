"""Comments that leave something to do, and whether they name the ticket."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from maint.lint.module import comments
from maint.lint.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from maint.lint.module import Module


def untracked(module: Module, code: str, words: re.Pattern[str]) -> Iterator[Violation]:
    """Comments with one of ``words`` that name no ticket, there or on the next line of the comment."""
    if not words.search(module.text):
        return
    ticket = re.compile(module.settings.ticket_regex)
    found = {line: (column, text) for line, column, text in comments(module.text)}
    for line, (column, text) in found.items():
        following = found.get(line + 1)
        more = following[1] if following and following[0] == column and not words.search(following[1]) else ""
        match = words.search(text)
        if match and not ticket.search(text) and not ticket.search(more):
            start = column + match.start() + 1
            message = f"{match[0]} without a ticket; name it here or on the next line of the comment"
            yield Violation(code, line, start, line, start + len(match[0]), message)
