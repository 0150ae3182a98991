"""Carrying a plan out: one write at a time, each decided anew on the issue as it is right before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from maint.forge.marker import fingerprint_of
from maint.forge.protocol import Forge, Issue
from maint.issues.decision import Decision, decide
from maint.issues.plan import Action, Plan, duplicate, told_apart

Outcome = Literal["done", "left over", "settled meanwhile", "blocked"]


class Step(NamedTuple):
    """What became of one action: ``name`` is what people call its issue; ``writes`` is how many it took."""

    action: Action
    outcome: Outcome
    name: str = ""
    writes: int = 0


def apply(plan: Plan, forge: Forge, budget: int, labels: Sequence[str] = ()) -> Iterator[Step]:
    """Carry ``plan`` out with at most ``budget`` writes, and yield what became of each of its changes.

    Stopped anywhere, a new plan continues: nothing is remembered outside the forge. Another reporter may
    work at the same time; should both have made an issue, the later one is closed. Raises ForgeError when
    a write was refused; what was yielded before has been done.
    """
    writer = _Writer(plan, forge, budget, labels)
    for action in plan.changes:
        yield writer.carry_out(action)
    yield from writer.close_duplicates()


class _Writer:
    """Carries out actions as long as the budget lasts."""

    def __init__(self, plan: Plan, forge: Forge, budget: int, labels: Sequence[str]) -> None:
        self._plan = plan
        self._forge = forge
        self._budget = budget
        self._labels = tuple(labels)
        self._standing: dict[str, Issue] | None = None
        self._made: set[str] = set()

    def carry_out(self, action: Action) -> Step:
        if action.writes > self._budget:
            return Step(action, "left over", action.issue.shown if action.issue else "")
        if action.issue is None:
            return self._create(action)
        if action.decision.kind == "blocked":
            return Step(action, "blocked", action.issue.shown)
        fresh = self._forge.read(action.issue.number)
        if action.decision.kind != "duplicate":
            return self._settle(action, fresh)
        if fresh.state == "closed" or fingerprint_of(fresh.body) != fingerprint_of(action.issue.body):
            return Step(action, "settled meanwhile", fresh.shown)
        original = action.decision.original
        assert original is not None
        return self._write(action, fresh, duplicate(fresh, original).decision)

    def close_duplicates(self) -> Iterator[Step]:
        """Look again whether another reporter made the same issues as this one."""
        if not self._made:
            return
        originals, duplicates = told_apart(self._forge.managed())
        for issue in duplicates:
            if fingerprint_of(issue.body) in self._made:
                yield self.carry_out(duplicate(issue, originals[fingerprint_of(issue.body)]))

    def _create(self, action: Action) -> Step:
        """Create, unless another reporter was faster: then settle what is there."""
        if self._standing is None:
            self._standing, _ = told_apart(self._forge.managed())
        standing = self._standing.get(action.key.fingerprint)
        if standing is not None:
            return self._settle(action, standing)
        assert action.decision.change is not None
        body = action.decision.change.body or ""
        self._made.add(action.key.fingerprint)
        issue = self._forge.create(action.title, body, self._labels)
        self._budget -= 1
        if issue.body != body:
            return self._settle(action, issue, spent=1)
        return Step(action, "done", issue.shown, 1)

    def _settle(self, action: Action, fresh: Issue, spent: int = 0) -> Step:
        # Without its marker the issue is a person's now; with another one it is not what was planned.
        if fingerprint_of(fresh.body) != action.key.fingerprint:
            return Step(action, "settled meanwhile", fresh.shown, spent)
        decision = decide(fresh, action.key, action.items, self._plan.context)
        if decision.kind == "blocked":
            return Step(action, "blocked", fresh.shown, spent)
        if decision.kind == "leave":
            return Step(action, "done" if spent else "settled meanwhile", fresh.shown, spent)
        return self._write(action, fresh, decision, spent)

    def _write(self, action: Action, fresh: Issue, decision: Decision, spent: int = 0) -> Step:
        if bool(decision.comment) + bool(decision.change) > self._budget:
            return Step(action, "left over", fresh.shown, spent)
        # The comment first: closed without one, a later run would not know that it is missing.
        if decision.comment:
            self._forge.comment(fresh.number, decision.comment)
            self._budget -= 1
            spent += 1
        if decision.change:
            self._forge.edit(fresh.number, decision.change)
            self._budget -= 1
            spent += 1
        return Step(action, "done", fresh.shown, spent)
