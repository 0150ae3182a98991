"""Every fix, in the order in which they have their say about a place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from maint.errors import InputError
from maint.fix.change import Change, change
from maint.fix.fixes import bare_except, bare_reraise, literal_port, log_exception, silent_logged
from maint.fix.proposal import Proposal
from maint.fix.target import Target

Fix = Callable[[Target], Iterable[Proposal]]
Settled = Callable[[Target], list[Proposal]]

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


class Fixed(NamedTuple):
    """``change`` is None where nothing is changed; ``refused`` says of each refused proposal why."""

    change: Change | None
    refused: tuple[str, ...] = ()


def fixed(target: Target, settled: Settled) -> Fixed:
    """The file with what ``settled`` proposes for it, less what cannot be verified."""
    proposals = settled(target)
    if not proposals:
        return Fixed(None)
    try:
        return Fixed(_change(target, proposals, settled))
    except InputError:
        return _one_by_one(target, proposals, settled)


def _one_by_one(target: Target, proposals: Iterable[Proposal], settled: Settled) -> Fixed:
    """With each proposal that goes together with those before it."""
    path = target.source.path
    found: Change | None = None
    kept: list[Proposal] = []
    refused = []
    for one in proposals:
        try:
            found = _change(target, [*kept, one], settled)
            kept.append(one)
        except InputError as error:
            refused.append(f"{path}:{one.line}: {one.code} refused: {str(error).removeprefix(f'{path}: ')}")
    return Fixed(found, tuple(refused))


def _change(target: Target, proposals: Sequence[Proposal], settled: Settled) -> Change:
    """Raises InputError where an edit cannot be verified, or where a second run would make it again."""
    found = change(target.source, proposals)
    left = settled(target.after(found.after))
    if len(left) > len(settled(target)) - len(found.proposals):
        raise InputError(
            f"{target.source.path}: the edit would be made again by the next run; edit it by hand"
        )
    return found
