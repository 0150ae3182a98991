"""What the evidence says about one broad handler, and the narrower one that follows from it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import PurePath, PurePosixPath
from typing import NamedTuple

from maint.fix.evidence import OUTSIDE, Evidence, HandlerEvidence, Observation
from maint.fix.inventory import Key
from maint.fix.narrowing.lifting import builtin_bases, is_bug, is_warning, lifted, without_covered
from maint.fix.narrowing.naming import Written, written
from maint.fix.narrowing.project import Project
from maint.fix.narrowing.static import Hint, hints
from maint.fix.proposal import Edit, Proposal
from maint.fix.source import Source
from maint.lint.handlers import Handler


class Narrowing(NamedTuple):
    """One broad handler: what it was seen to catch, what its source names, and what to write instead.

    ``refusal`` says why there is nothing to apply; it is empty where ``proposal`` can be. ``bugs`` are the
    observations that tell of a defect that the handler hides, ``staged`` those that a test or a mock raised:
    they stand for what code of others may raise, and say nothing about which types that is.
    """

    source: Source
    handler: Handler
    types: tuple[str, ...] = ()
    observed: tuple[Observation, ...] = ()
    bugs: tuple[Observation, ...] = ()
    staged: tuple[Observation, ...] = ()
    hints: tuple[Hint, ...] = ()
    proposal: Proposal | None = None
    refusal: str = ""

    @property
    def tests(self) -> frozenset[str]:
        """The tests in which the handler caught something."""
        every = (*self.observed, *self.bugs, *self.staged)
        return frozenset(test for one in every for test in one.tests if test != OUTSIDE)


class Judge:
    """Judges handlers by the evidence of one project; proposes nothing below ``minimum`` observations."""

    def __init__(
        self, project: Project, evidence: Evidence, minimum: int, is_test: Callable[[PurePath], bool]
    ) -> None:
        self._project = project
        self._is_test = is_test
        self._minimum = minimum
        self._known = {each.key: each for each in evidence.handlers}
        self._places = {each.key[:3] for each in evidence.handlers}
        self._missed = evidence.not_recorded

    def judge(self, source: Source, handler: Handler) -> Narrowing:
        """What is known about ``handler``, with a proposal where that suffices."""
        found = tuple(each for each in hints(source, handler, self._project) if not _is_group(handler, each))
        start = Narrowing(source, handler, hints=found)
        key = Key(source.path, handler.symbol, handler.ordinal, handler.try_hash)
        evidence = self._known.get(key)
        if evidence is None or not evidence.observations:
            return start._replace(refusal=self._unobserved(key, evidence))
        counted = [one for one in evidence.observations if not is_warning(one.bases)]
        staged = tuple(one for one in counted if self._is_staged(source, one))
        bugs = tuple(one for one in counted if one not in staged and is_bug(one.bases))
        observed = tuple(one for one in counted if one not in staged and one not in bugs)
        judged = start._replace(observed=observed, bugs=bugs, staged=staged)
        if not observed:
            return judged._replace(refusal=_nothing_observed(judged))
        seen = sum(one.tested for one in observed)
        if not seen:
            return judged._replace(
                refusal="caught something only while no test ran: nothing to check it with"
            )
        if seen < self._minimum:
            return judged._replace(
                refusal=f"too few observations: {seen}, --min-observations {self._minimum}"
            )
        proposed = self._proposed(judged, observed)
        foreign = [one for one in staged if proposed.proposal and not set(one.bases) & set(proposed.types)]
        if foreign:
            said = (
                f"the tests raise {_shown(foreign[0].bases[0])} into it on purpose: it guards code of others"
            )
            return proposed._replace(proposal=None, refusal=said)
        return proposed

    def _is_staged(self, source: Source, one: Observation) -> bool:
        """Whether a test, or a mock on its behalf, raised what a handler outside of the tests caught."""
        by_test = one.place.startswith("unittest.mock:") or (
            bool(one.file) and self._is_test(PurePosixPath(one.file))
        )
        return by_test and not self._is_test(PurePosixPath(source.path))

    def widened(self, narrowing: Narrowing, failing: Collection[str]) -> Narrowing:
        """The proposal with all that the handler caught in the tests ``failing``, bugs included."""
        missing = [one for one in narrowing.bugs if not one.tests.keys().isdisjoint(failing)]
        if not missing:
            return narrowing._replace(proposal=None, refusal="tests fail with it, and no type explains why")
        return self._proposed(narrowing, (*narrowing.observed, *missing))

    def _unobserved(self, key: Key, evidence: HandlerEvidence | None) -> str:
        if evidence is None and key[:3] in self._places:
            return "the evidence is stale, the try body is another one now; record it again"
        if key.path in self._missed:
            return f"unobserved: {self._missed[key.path]}"
        if evidence is None:
            return "unobserved: the evidence does not know this handler; record it again"
        if not evidence.imported:
            return "unobserved: its module was not imported during the tests"
        return "unobserved: it caught nothing during the tests"

    def _proposed(self, judged: Narrowing, observed: Sequence[Observation]) -> Narrowing:
        """With the types of ``observed`` and of the source, as a proposal where all can be written."""
        own = self._project.packages
        lineages: list[Sequence[str]] = []
        for one in observed:
            kind = lifted(one.bases, own)
            if kind is None:
                return judged._replace(
                    refusal=f"caught {_shown(one.bases[0])}, which no narrower type covers"
                )
            lineages.append(one.bases[one.bases.index(kind) :])
        lineages += self._hinted(judged)
        types = tuple(without_covered(lineages))
        judged = judged._replace(types=types)
        spelled: list[Written] = []
        for kind in types:
            word = written(judged.source, judged.handler, kind, own)
            if word is None:
                return judged._replace(
                    refusal=f"{_shown(kind)} is not imported here; import it, then run again"
                )
            spelled.append(word)
        return judged._replace(proposal=_proposal(judged.source, judged.handler, spelled), refusal="")

    def _hinted(self, judged: Narrowing) -> Iterator[Sequence[str]]:
        """The lineages of what the source names, of the types that can be written without a new import."""
        own = self._project.packages
        for hint in judged.hints:
            module, _, name = hint.kind.partition(":")
            bases: Sequence[str] = (builtin_bases(name) if module == "builtins" else None) or [hint.kind]
            kind = lifted(bases, own)
            word = None if kind is None else written(judged.source, judged.handler, kind, own)
            if kind is not None and word is not None and word.needed is None and not is_bug(bases):
                yield bases[bases.index(kind) :]


def _is_group(handler: Handler, hint: Hint) -> bool:
    """``except*`` catches what is in a group, and may not name a group."""
    return isinstance(handler.try_node, ast.TryStar) and hint.kind.endswith("ExceptionGroup")


def _nothing_observed(judged: Narrowing) -> str:
    if judged.bugs:
        return "caught only what tells of a bug: nothing to narrow to"
    if judged.staged:
        return "caught only what the tests themselves raise: it guards code of others"
    return "caught only warnings that the tests turn into errors: nothing to narrow to"


def _proposal(source: Source, handler: Handler, spelled: Sequence[Written]) -> Proposal:
    words = sorted({one.text for one in spelled})
    text = words[0] if len(words) == 1 else f"({', '.join(words)})"
    node = handler.node
    if node.type is None:
        start = source.span(node)[0] + len("except")
        edit = Edit(start, start, f" {text}")
    else:
        edit = Edit(*source.span(node.type), text)
    imports = tuple(one.needed for one in spelled if one.needed is not None)
    return Proposal("E900", node.lineno, f"except {text}", False, (edit,), imports)


def _shown(kind: str) -> str:
    return kind.removeprefix("builtins:").replace(":", ".")
