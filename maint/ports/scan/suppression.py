"""``# maint: port-ok REASON``: a site that is meant to be as it is, with the reason why."""

from __future__ import annotations

import re
from collections.abc import Sequence

_COMMENT = re.compile(r"#\s*maint:\s*port-ok\b[\s:,-]*(?P<reason>.*)")


def reason(lines: Sequence[str], first: int, last: int) -> str | None:
    """The reason given in the lines from ``first`` to ``last`` (from 1), or in a comment just above.

    None without such a comment, ``""`` for one that gives no reason.
    """
    above = lines[first - 2].strip() if 2 <= first <= len(lines) + 1 else ""
    wanted = [*lines[first - 1 : last], *([above] if above.startswith("#") else [])]
    for line in wanted:
        if match := _COMMENT.search(line):
            return match["reason"].strip()
    return None
