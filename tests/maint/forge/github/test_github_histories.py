"""Whole reporters over the GitHub adapter, through lost answers, limits, kills, people and each other.

After each run: no comment twice, no person's words lost, what a person dismissed stays closed. After a run
without faults: one open issue for each cause at most, and the next such run writes nothing.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from maint.errors import ForgeError
from maint.findings import Finding, Location, Severity
from maint.forge.marker import fingerprint_of
from maint.issues.apply import apply
from maint.issues.grouping import Limits
from maint.issues.plan import plan
from maint.report.documents import FindingsDocument, Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.maint.forge.conftest import FakeClock, Request, World

CODES = ("E900", "E901", "E902")
BUDGET = 50
LOST = ["502 after", "reset after", "truncated after", "short after"]
UNDONE = ["502 before", "reset before", "secondary", "abuse", "429", "primary"]
FAULTS = st.sampled_from(["none", "none", *LOST, *UNDONE])
READ_FAULTS = st.sampled_from(
    ["none", "none", "none", "502 before", "reset before", "truncated after", "429"]
)
FOUND = st.frozensets(st.tuples(st.sampled_from(CODES), st.integers(0, 2)), max_size=6)
Found = frozenset[tuple[str, int]]


def document(found: Found, partial: str) -> FindingsDocument:
    """What a linter found; ``partial`` says why it did not look at everything."""
    findings = tuple(
        Finding(
            code=code,
            severity=Severity.MEDIUM,
            category="lint",
            title=f"finding {'abc'[place]}",
            message="broken",
            location=Location(path=f"{'abc'[place]}.py", line=3),
            remedy="mend it",
        )
        for code, place in sorted(found)
    )
    run = Run(guardrail="lint", version="1", codes=CODES, partial=partial, head_commit="c0ffee")
    return FindingsDocument(runs=(run,), findings=findings)


class Histories(RuleBasedStateMachine):
    """One repository over time."""

    make_world: Callable[[], World]
    make_clock: Callable[..., FakeClock]

    def __init__(self) -> None:
        super().__init__()
        self.world = type(self).make_world()
        self.words: dict[int, list[str]] = {}
        self.dismissed: set[int] = set()
        self.last: Found | None = None
        self.at_once = 0

    def report(self, found: Found, partial: str = "", *, nested: bool = False) -> int:
        """One run of a reporter; how many steps it took."""
        # inside of another reporter's request the server is never idle
        forge = self.world.forge(type(self).make_clock() if nested else None)
        planned = plan([document(found, partial)], forge.managed(), "2026-11-21", forge.link, Limits())
        return len(list(apply(planned, forge, BUDGET, ["maint"])))

    def attempt(self, found: Found, partial: str = "", *, nested: bool = False) -> None:
        """One run that may fail, but only with a sentence."""
        self.last = None
        try:
            self.report(found, partial, nested=nested)
        except ForgeError as error:
            assert "\n" not in str(error)  # noqa: PT017 - it may as well succeed

    @rule(found=FOUND)
    def calm_run(self, found: Found) -> None:
        """A run without faults puts right what all before it left behind."""
        self.world.server.faults.clear()
        self.world.server.read_faults.clear()
        self.world.server.before_effect = lambda request: None
        self.report(found)
        still = [one for one in self.world.github.issues.values() if one["state"] == "open"]
        marks = [fingerprint_of(one["body"]) for one in still]
        assert len(marks) == len(set(marks)), "a duplicate is open"
        self.last = found

    @precondition(lambda self: self.last is not None)
    @rule()
    def same_again(self) -> None:
        """The same findings once more: no write."""
        before = len(self.world.server.requests("POST", "PATCH"))
        assert self.last is not None
        assert self.report(self.last) == 0
        assert len(self.world.server.requests("POST", "PATCH")) == before

    @rule(
        found=FOUND,
        partial=st.sampled_from(["", "-k a"]),
        faults=st.lists(FAULTS, max_size=8),
        read_faults=st.lists(READ_FAULTS, max_size=12),
    )
    def run_with_faults(self, found: Found, partial: str, faults: list[str], read_faults: list[str]) -> None:
        self.world.server.faults.extend(faults)
        self.world.server.read_faults.extend(read_faults)
        self.attempt(found, partial)
        self.world.server.faults.clear()
        self.world.server.read_faults.clear()

    @rule(found=FOUND, write=st.integers(0, 6), effect=st.booleans())
    def run_that_is_killed(self, found: Found, write: int, effect: bool) -> None:
        """Nothing gets through any more from the given write on: to the forge it is the same as a kill."""
        server = self.world.server
        server.faults.extend(["none"] * write + ["reset after" if effect else "reset before"])

        def dead(request: Request) -> None:
            if not server.faults:
                server.faults.extend(["reset before"] * 99)
                server.read_faults.extend(["reset before"] * 99)

        server.after_effect = dead
        self.attempt(found)
        server.after_effect = lambda request: None
        server.faults.clear()
        server.read_faults.clear()

    @rule(ours=FOUND, theirs=FOUND, write=st.integers(0, 4))
    def two_reporters_at_once(self, ours: Found, theirs: Found, write: int) -> None:
        """A second reporter runs while one of the first one's writes is on its way."""
        self.at_once += 1
        self.at_write(write, lambda: self.attempt(theirs, nested=True))
        self.attempt(ours)
        self.world.server.before_effect = lambda request: None

    @rule(found=FOUND, pick=st.integers(0, 20))
    def person_writes_while_a_run_comments(self, found: Found, pick: int) -> None:
        def person(request: Request) -> None:
            if request.path.endswith("/comments"):
                self.person_adds_words(pick)

        self.world.server.before_effect = person
        self.attempt(found)
        self.world.server.before_effect = lambda request: None

    @precondition(lambda self: self.world.github.issues)
    @rule(pick=st.integers(0, 20))
    def person_adds_words(self, pick: int) -> None:
        number, issue = self.picked(pick)
        words = f"words {sum(map(len, self.words.values()))} of a person"
        self.words.setdefault(number, []).append(words)
        text = issue["body"]
        self.world.github.touch(number, body=f"{words}\n\n{text}" if pick % 2 else f"{text}\n{words}\n")

    @precondition(lambda self: self.world.github.issues)
    @rule(pick=st.integers(0, 20))
    def person_dismisses(self, pick: int) -> None:
        number, _ = self.picked(pick)
        self.dismissed.add(number)
        self.world.github.touch(number, state="closed", state_reason="not_planned")

    @precondition(lambda self: self.world.github.issues)
    @rule(pick=st.integers(0, 20))
    def person_removes_labels(self, pick: int) -> None:
        number, _ = self.picked(pick)
        self.world.github.touch(number, labels=[])

    @invariant()
    def nothing_of_a_person_is_lost(self) -> None:
        for number, words in self.words.items():
            assert [one for one in words if one not in self.world.github.issues[number]["body"]] == []
        for number in self.dismissed:
            issue = self.world.github.issues[number]
            assert (issue["state"], issue["state_reason"]) == ("closed", "not_planned")

    @invariant()
    def no_comment_is_there_twice(self) -> None:
        """Once for each reporter that wrote at the very same moment: GitHub cannot keep these apart."""
        for comments in self.world.github.comments.values():
            first_lines = Counter(one["body"].splitlines()[0] for one in comments)
            assert max(first_lines.values()) <= 1 + self.at_once

    def at_write(self, write: int, happen: Callable[[], None]) -> None:
        """Let something happen right before the given write takes effect."""
        left = [write]

        def before(request: Request) -> None:
            left[0] -= 1
            if left[0] == -1:
                happen()

        self.world.server.before_effect = before

    def picked(self, pick: int) -> tuple[int, dict[str, Any]]:
        issues = self.world.github.issues
        number = sorted(issues)[pick % len(issues)]
        return number, issues[number]


def test_no_history_makes_a_duplicate_or_loses_what_a_person_did(
    make_world: Callable[[], World], make_clock: Callable[..., FakeClock]
) -> None:
    Histories.make_world = staticmethod(make_world)
    Histories.make_clock = staticmethod(make_clock)
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=200,
            stateful_step_count=8,
            deadline=None,
            suppress_health_check=checks,
            database=None,
        ),
    )
