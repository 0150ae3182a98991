"""``# maint: port-ok REASON``: a site that is meant to be as it is, with the reason why."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from maint.ports.scan.site import Draft

_COMMENT = re.compile(r"#\s*maint:\s*port-ok\b[\s:,-]*(?P<reason>.*)")


def with_reason(draft: Draft, lines: Sequence[str]) -> Draft:
    """The draft with the reason that its lines give, or a comment just above; ``""`` for one without any."""
    first, last = draft.line, max(draft.line, draft.last)
    above = lines[first - 2].strip() if 2 <= first <= len(lines) + 1 else ""
    wanted = [*lines[first - 1 : last], *([above] if above.startswith("#") else [])]
    for line in wanted:
        if match := _COMMENT.search(line):
            return msgspec.structs.replace(draft, reason=match["reason"].strip())
    return draft
