"""Which finding of another tool is the same as one of its run before, when the code has moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from maint.findings import Finding, fingerprint
from maint.rules.table import RULES


def code_of(tool: str, rule: str) -> str:
    """A rule as findings name it: ``ruff:F401``; a code of this project's own table stays as it is.

    Two tools use the same code for different things (bandit's B301 and flake8-bugbear's), hence the prefix.
    """
    return rule if rule in RULES else f"{tool}:{rule}"


def told_apart(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings with equal fingerprints, counted from the top of the file: two equal lines are two findings.

    The first keeps its fingerprint, so that it stays when the second is fixed.
    """
    equal: dict[str, list[int]] = defaultdict(list)
    for index, finding in enumerate(findings):
        equal[finding.fingerprint].append(index)
    result = list(findings)
    for indices in equal.values():
        indices.sort(
            key=lambda index: (findings[index].location.line or 0, findings[index].location.column or 0)
        )
        for ordinal, index in enumerate(indices[1:], 1):
            one = findings[index]
            own = fingerprint(one.code, f"{one.fingerprint}\0{ordinal}", "")
            result[index] = msgspec.structs.replace(one, fingerprint=own)
    return tuple(result)
