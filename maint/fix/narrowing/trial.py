"""Narrowed handlers on trial: written, their tests run, widened or taken back where one fails newly."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from maint.errors import MaintError
from maint.fix.change import Change, change, write
from maint.fix.narrowing.judgement import Judge, Narrowing
from maint.fix.source import Source

Failing = Callable[[Collection[str]], Collection[str]]
_ROUNDS = 3


class Verdict(NamedTuple):
    """How one handler ended: ``kept``, ``widened`` or ``reverted``, and the tests that made it so."""

    narrowing: Narrowing
    outcome: str
    tests: tuple[str, ...] = ()


class Trial:
    """Applies narrowings to the files below ``root``. ``failing`` runs tests and returns those that fail.

    Whatever happens before the end, an interruption included, the files are put back as they were.
    """

    def __init__(self, root: Path, judge: Judge, failing: Failing) -> None:
        self._root = root
        self._judge = judge
        self._failing = failing
        self._written: dict[str, tuple[bytes, bytes]] = {}

    def run(self, narrowings: Sequence[Narrowing]) -> list[Verdict]:
        """Apply ``narrowings`` and keep what the tests bear; MaintError if these cannot run."""
        tests = frozenset[str]().union(*(each.tests for each in narrowings))
        before = frozenset(self._failing(tests)) if tests else frozenset[str]()
        verdicts = [Verdict(each, "kept") for each in narrowings]
        try:
            for _ in range(_ROUNDS):
                self._write(verdicts)
                fresh = frozenset(self._failing(tests)) - before if tests else frozenset[str]()
                if not fresh:
                    return verdicts
                verdicts = self._answer(verdicts, fresh)
            raise MaintError(
                "tests still fail after widening and reverting, so nothing was changed; narrow by hand"
            )
        except BaseException:
            self._restore()
            raise

    def _answer(self, verdicts: Iterable[Verdict], fresh: frozenset[str]) -> list[Verdict]:
        """Widen each handler that a failing test hit, once; take it back the second time."""
        answered = []
        blamed = False
        for verdict in verdicts:
            hit = tuple(sorted(test for test in verdict.narrowing.tests if _covers(fresh, test)))
            if verdict.outcome == "reverted" or not hit:
                answered.append(verdict)
                continue
            blamed = True
            wider = self._judge.widened(verdict.narrowing, hit)
            can_widen = verdict.outcome == "kept" and wider.proposal is not None
            outcome = "widened" if can_widen else "reverted"
            answered.append(Verdict(wider if can_widen else verdict.narrowing, outcome, hit))
        if not blamed:
            because = tuple(sorted(fresh))
            return [
                each if each.outcome == "reverted" else each._replace(outcome="reverted", tests=because)
                for each in answered
            ]
        return answered

    def _write(self, verdicts: Iterable[Verdict]) -> None:
        """Bring the files to what the verdicts say, from their first content."""
        wanted: dict[str, tuple[Source, list[Narrowing]]] = {}
        for verdict in verdicts:
            source = verdict.narrowing.source
            _, kept = wanted.setdefault(source.path, (source, []))
            if verdict.outcome != "reverted":
                kept.append(verdict.narrowing)
        for path, (source, kept) in wanted.items():
            after = changed(source, kept).after.content if kept else source.content
            first, now = self._written.get(path, (source.content, source.content))
            if now != after:
                write(self._root, path, now, after)
                self._written[path] = (first, after)

    def _restore(self) -> None:
        for path, (first, now) in self._written.items():
            write(self._root, path, now, first)


def changed(source: Source, narrowings: Iterable[Narrowing]) -> Change:
    """The file with the proposals of ``narrowings``; InputError where the edit cannot be verified."""
    return change(source, [each.proposal for each in narrowings if each.proposal is not None])


def _covers(failed: Collection[str], test: str) -> bool:
    """Whether ``test`` is among ``failed``, or its module or class is."""
    return test in failed or any(test.startswith(f"{each}::") for each in failed)
