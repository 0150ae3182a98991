"""What the given runs looked at: which absences mean *fixed*, and which mean *not looked at*."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from maint.report.cells import encodable
from maint.report.documents import FindingsDocument, Run

PLACE_KEPT = 200
MARK = 8
# Its runs list every test that came to a verdict: what is on no list was not run. So an empty JUnit file says
# of no test that it is fixed.
_LISTS_ALL = "tests"


class Judgement(NamedTuple):
    """The runs of one or several documents, put together.

    ``full`` and ``partial`` are names of guardrails; ``codes`` maps a code to the guardrails that could have
    raised it. ``judged`` and ``unjudged`` are marks (`mark`) of places with and without a verdict, by
    guardrail; what one run judged is judged. ``dirty`` says that the tree was not the one of ``commit``.
    """

    codes: Mapping[str, frozenset[str]]
    full: frozenset[str]
    partial: Mapping[str, str]
    judged: Mapping[str, frozenset[str]]
    unjudged: Mapping[str, frozenset[str]]
    commands: Mapping[str, str]
    commit: str = ""
    dirty: bool = False

    def guardrails(self, code: str) -> frozenset[str]:
        """Which of these runs could have raised ``code``; a foreign tool's own codes are ``tool:CODE``."""
        tool, colon, _ = code.partition(":")
        foreign = {tool} & (self.full | self.partial.keys()) if colon else frozenset()
        return self.codes.get(code, frozenset()) | foreign

    def complete(self, code: str) -> bool:
        """True when a run looked for ``code`` everywhere, and none only somewhere."""
        runs = self.guardrails(code)
        return bool(runs) and not runs & self.partial.keys()

    def looked_everywhere(self, code: str) -> bool:
        """True when nothing that ``code`` could be found at is without a verdict."""
        return self.complete(code) and not any(self.unjudged.get(name) for name in self.guardrails(code))

    def is_fixed(self, code: str, places: Sequence[str], *, by_hand: bool = False) -> bool:
        """True when the absence of a finding of ``code`` at ``places`` (their marks) says that it is fixed.

        A test has to have run for that, unless a person says ``by_hand`` that it is done: a test that was
        deleted or renamed never runs again.
        """
        return self.complete(code) and not any(
            self._without_verdict(name, places, by_hand) for name in self.guardrails(code)
        )

    def _without_verdict(self, guardrail: str, places: Sequence[str], by_hand: bool) -> bool:
        unjudged, judged = (side.get(guardrail, frozenset()) for side in (self.unjudged, self.judged))
        if any(place in unjudged for place in places):
            return True
        return guardrail in self.judged and not by_hand and any(place not in judged for place in places)


def judgement_of(documents: Iterable[FindingsDocument]) -> Judgement:
    """Put the runs of ``documents`` together; where one guardrail ran in full and in part, it is partial."""
    runs = [run for document in documents for run in document.runs]
    codes: dict[str, set[str]] = {}
    for run in runs:
        for code in run.codes:
            codes.setdefault(code, set()).add(run.guardrail)
    partial = {run.guardrail: run.partial for run in runs if run.partial}
    names = {run.guardrail for run in runs}
    verdicts = {name: _verdicts([run for run in runs if run.guardrail == name]) for name in names}
    source = next((run for run in runs if run.head_commit), None)
    return Judgement(
        codes={code: frozenset(names) for code, names in codes.items()},
        full=frozenset(names) - partial.keys(),
        partial=partial,
        judged={_LISTS_ALL: verdicts[_LISTS_ALL][0]} if _LISTS_ALL in verdicts else {},
        unjudged={name: without for name, (_, without) in verdicts.items()},
        commands={run.guardrail: encodable(run.command)[:500] for run in runs if run.command},
        commit=source.head_commit if source else "",
        dirty=any(run.head_dirty for run in runs),
    )


def _verdicts(runs: Sequence[Run]) -> tuple[frozenset[str], frozenset[str]]:
    """Marks of what these runs of one guardrail judged, files and folders around it included, and of what
    none of them judged."""
    judged = {place for run in runs for place in run.judged}
    unjudged = {place for run in runs for place in run.unjudged} - judged
    around = {place.partition("::")[0] for place in judged}
    for path in list(around):
        parts = path.split("/")
        around.update("/".join(parts[:depth]) for depth in range(len(parts)))
    return frozenset(map(mark, judged | around)), frozenset(map(mark, unjudged))


def kept(place: str) -> str:
    """A place as a record keeps it."""
    return encodable(place[:PLACE_KEPT])


def mark(place: str) -> str:
    """A place as 8 hex digits, for where there is no room for it."""
    return hashlib.sha256(encodable(place).encode("utf-8")).hexdigest()[:MARK]
