"""What the given runs looked at: which absences mean *fixed*, and which mean *not looked at*."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from maint.report.cells import encodable
from maint.report.documents import FindingsDocument

PLACE_KEPT = 200


class Judgement(NamedTuple):
    """The runs of one or several documents, put together.

    ``full`` and ``partial`` are names of guardrails; ``codes`` maps a code to the guardrails that could have
    raised it. ``unjudged`` are places without a verdict, with the reason.
    """

    codes: Mapping[str, frozenset[str]]
    full: frozenset[str]
    partial: Mapping[str, str]
    unjudged: Mapping[str, str]
    commands: Mapping[str, str]
    commit: str = ""

    def guardrails(self, code: str) -> frozenset[str]:
        """Which of these runs could have raised ``code``; a foreign tool's own codes are ``tool:CODE``."""
        tool, colon, _ = code.partition(":")
        foreign = {tool} & (self.full | self.partial.keys()) if colon else frozenset()
        return self.codes.get(code, frozenset()) | foreign

    def complete(self, code: str) -> bool:
        """True when a run looked for ``code`` everywhere, and none only somewhere."""
        runs = self.guardrails(code)
        return bool(runs) and not runs & self.partial.keys()

    def is_fixed(self, code: str, place: str) -> bool:
        """True when the absence of a finding of ``code`` at ``place`` (as kept) says that it is fixed."""
        return self.complete(code) and place not in self.unjudged


def judgement_of(documents: Iterable[FindingsDocument]) -> Judgement:
    """Put the runs of ``documents`` together; where one guardrail ran in full and in part, it is partial."""
    runs = [run for document in documents for run in document.runs]
    codes: dict[str, set[str]] = {}
    for run in runs:
        for code in run.codes:
            codes.setdefault(code, set()).add(run.guardrail)
    partial = {run.guardrail: run.partial for run in runs if run.partial}
    return Judgement(
        codes={code: frozenset(names) for code, names in codes.items()},
        full=frozenset(run.guardrail for run in runs) - partial.keys(),
        partial=partial,
        unjudged={kept(place): reason for run in runs for place, reason in run.unjudged.items()},
        commands={run.guardrail: encodable(run.command)[:500] for run in runs if run.command},
        commit=next((run.head_commit for run in runs if run.head_commit), ""),
    )


def kept(place: str) -> str:
    """A place as a record keeps it."""
    return encodable(place[:PLACE_KEPT])
