"""Every fix, in the order in which they have their say about a place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from maint.errors import InputError
from maint.fix.change import Change, change
from maint.fix.fixes import bare_except, bare_reraise, literal_port, log_exception, silent_logged
from maint.fix.proposal import Proposal
from maint.fix.target import Target

Fix = Callable[[Target], Iterable[Proposal]]

FIXES: tuple[tuple[str, Fix], ...] = (
    (bare_reraise.CODE, bare_reraise.proposals),
    (log_exception.CODE, log_exception.proposals),
    (bare_except.CODE, bare_except.proposals),
    (silent_logged.CODE, silent_logged.proposals),
    (literal_port.CODE, literal_port.proposals),
)
CODES = tuple(dict.fromkeys(code for code, _ in FIXES))


def proposed(target: Target, codes: Collection[str], *, unsafe: bool) -> list[Proposal]:
    """What the fixes for ``codes`` propose, without the unsafe ones unless asked for."""
    found = [one for code, fix in FIXES if code in codes for one in fix(target)]
    return sorted((one for one in found if one.safe or unsafe), key=lambda one: one.line)


def fixed(target: Target, settled: Callable[[Target], list[Proposal]]) -> Change | None:
    """The file with all that ``settled`` proposes for it, or None where that is nothing.

    Raises InputError where the edit cannot be verified, or where a second run would edit the same again.
    """
    proposals = settled(target)
    if not proposals:
        return None
    found = change(target.source, proposals)
    left = settled(target.after(found.after))
    if len(left) > len(proposals) - len(found.proposals):
        raise InputError(
            f"{target.source.path}: the edit would be made again by the next run; edit it by hand"
        )
    return found
