"""Any history of runs, people, crashes and second reporters: no duplicate, no lost edit, no idle write."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from maint.errors import ForgeError
from maint.findings import Finding
from maint.forge.marker import fingerprint_of
from maint.forge.protocol import Issue
from maint.issues.apply import Step, apply
from maint.issues.body import read
from maint.issues.grouping import Limits
from maint.issues.item import items_of
from maint.issues.plan import plan
from maint.issues.record import PREFIX, hidden_items
from maint.report.documents import FindingsDocument, Run

HISTORIES = 250
GUARDRAILS = {"tests": ("TST001",), "flake8": ("flake8:E501", "flake8:F401"), "coverage": ("COV010",)}
CODES = {code: guardrail for guardrail, codes in GUARDRAILS.items() for code in codes}


class Killed(BaseException):
    """The process is gone between two writes."""


def universe(make: Any) -> list[Finding]:
    """Twelve findings: two causes of failed tests, two foreign rules, one rule of ours with two folders."""
    failures = [make.failure(f"test_{n}", message=f"row {n} is wrong") for n in range(3)]
    failures += [make.failure("test_other", exception="builtins.KeyError")]
    lint = [make.lint(f"src/{name}.py") for name in "abcd"]
    lint += [make.lint(f"src/{name}.py", code="flake8:F401", title="unused") for name in "ab"]
    return [
        *failures,
        *lint,
        *(make.lint(f"pkg/{n}/m.py", code="COV010", title="not covered") for n in (1, 2)),
    ]


class Histories(RuleBasedStateMachine):
    """``wrong`` is the truth; what people did is remembered, and looked for after every run."""

    make: Any
    memory_forge: type

    def __init__(self) -> None:
        super().__init__()
        self.forge = self.memory_forge()
        self.all = universe(self.make)
        self.wrong: set[int] = set()
        self.day = date(2026, 1, 1)
        self.texts: dict[int, list[str]] = {}
        self.kept: dict[int, Issue] = {}
        self.dismissed: set[int] = set()
        self.reopened: set[int] = set()
        self.hands: dict[str, bool] = {}
        self.seen: dict[str, bool] = {}
        self.unsure: set[str] = set()

    @initialize(
        limits=st.sampled_from([Limits(15, 100), Limits(3, 3), Limits(1, 2), Limits(4, 100)]),
        wrong=st.sets(st.integers(0, 11), max_size=12),
    )
    def start(self, limits: Limits, wrong: set[int]) -> None:
        self.limits = limits
        self.wrong = wrong
        self.run_in_full(set(GUARDRAILS))

    # the code changes

    @rule(which=st.sets(st.integers(0, 11), min_size=1, max_size=6))
    def change_code(self, which: set[int]) -> None:
        self.wrong ^= which

    # runs

    @rule(guardrails=st.sets(st.sampled_from(sorted(GUARDRAILS)), min_size=1))
    def run_in_full(self, guardrails: set[str]) -> None:
        document = self.document(guardrails)
        self.carry_out(document)
        self.look(guardrails)
        self.rerun_writes_nothing(document)

    @rule(guardrail=st.sampled_from(sorted(GUARDRAILS)), seen=st.sets(st.integers(0, 11)))
    def run_in_part(self, guardrail: str, seen: set[int]) -> None:
        before = {issue.number: issue for issue in self.forge.managed()}
        document = self.document({guardrail}, partial="-k something", seen=seen)
        hands = self.flips()
        self.carry_out(document)
        for number, issue in before.items():
            now = self.forge.read(number)
            if not fingerprint_of(now.body):
                continue  # a duplicate
            assert not (issue.state == "open" and now.state == "closed")
            for fingerprint, item in read(now.body).record.items.items():
                was = read(issue.body).record.items.get(fingerprint)
                assert fingerprint in hands or not (item.fixed and was is not None and not was.fixed)
        for fingerprint in self.fingerprints(document.findings):
            self.observe(fingerprint, True)
        self.rerun_writes_nothing(document)

    @rule(guardrail=st.sampled_from(sorted(GUARDRAILS)), skipped=st.sets(st.integers(0, 11), min_size=1))
    def run_that_skips(self, guardrail: str, skipped: set[int]) -> None:
        """What had no verdict is not found, and not fixed either."""
        before = {issue.number: read(issue.body).record for issue in self.forge.managed()}
        places = {self.all[one].location.place for one in skipped}
        document = self.document({guardrail}, skipped=places)
        hands = self.flips()
        self.carry_out(document)
        for number, record in before.items():
            now = read(self.forge.read(number).body).record
            for fingerprint, item in now.items.items() if now else ():
                was = record.items.get(fingerprint)
                if (
                    was
                    and CODES[item.code] == guardrail
                    and item.place in places
                    and fingerprint not in hands
                ):
                    assert bool(was.fixed) or not item.fixed
        for fingerprint in self.fingerprints(document.findings):
            self.observe(fingerprint, True)
        self.unsure |= self.hands.keys()
        self.rerun_writes_nothing(document)

    @rule(budget=st.integers(1, 3))
    def run_on_a_budget(self, budget: int) -> None:
        before = self.forge.writes
        document = self.document(GUARDRAILS)
        steps = self.carry_out(document, budget=budget)
        assert self.forge.writes - before <= budget
        if not any(step.outcome == "left over" for step in steps):
            self.look(GUARDRAILS)
        else:
            self.forget()

    @rule(after=st.integers(1, 4), when=st.sampled_from(["before", "after"]))
    def run_and_be_killed(self, after: int, when: str) -> None:
        left = [after]

        def kill(at: str, what: str) -> None:
            left[0] -= at == when
            if not left[0]:
                raise Killed

        self.forge.interrupt = kill
        try:
            self.carry_out(self.document(GUARDRAILS))
        except Killed:
            pass
        finally:
            self.forge.interrupt = lambda when, what: None
        self.forget()

    @rule(at=st.integers(1, 4))
    def two_reporters_at_once(self, at: int) -> None:
        """The second one does all its work between what the first one read and what it writes."""
        left = [at]
        document = self.document(GUARDRAILS)

        def interleave(when: str, what: str) -> None:
            left[0] -= when == "before" and what in ("create", "edit")
            if not left[0]:
                left[0] -= 1
                self.carry_out(document)

        self.carry_out_interrupted(document, interleave)

    @rule(at=st.integers(1, 3), moment=st.sampled_from(["before", "after"]), pick=st.integers(0, 5))
    def a_person_writes_while_it_is_applied(self, at: int, moment: str, pick: int) -> None:
        """To the issue that is just being written, or to another one."""
        left = [at]

        def interleave(when: str, what: str) -> None:
            left[0] -= when == moment and what == "edit"
            if not left[0]:
                left[0] -= 1
                self.write_text(pick, "text while it is applied", before=True)

        self.carry_out_interrupted(self.document(GUARDRAILS), interleave)

    @rule(pick=st.integers(0, 5))
    def a_second_reporter_with_an_old_plan(self, pick: int) -> None:
        """A person edits between the plan and its carrying out."""
        document = self.document(GUARDRAILS)
        planned = self.planned(document)
        self.write_text(pick, "text between plan and apply", before=True)
        self.flip_a_box(pick, 0)
        list(apply(planned, self.forge, 100, ("maint",)))
        self.look(GUARDRAILS)

    # people

    @rule(pick=st.integers(0, 5), text=st.text(max_size=30), before=st.booleans())
    def write_text(self, pick: int, text: str, before: bool) -> None:
        if issue := self.picked(pick):
            text = f"{text.replace('maint:', '')} {len(self.texts.get(issue.number, ()))}\r\n"
            body = f"{text}\n{issue.body}" if before else f"{issue.body}\n{text}"
            self.put(issue, body=body)
            self.texts.setdefault(issue.number, []).append(text)

    @rule(pick=st.integers(0, 5), line=st.integers(0, 9))
    def flip_a_box(self, pick: int, line: int) -> None:
        issue = self.picked(pick)
        boxes = list(read(issue.body).ticks.items()) if issue else []
        if issue and boxes:
            fingerprint, ticked = boxes[line % len(boxes)]
            lines = issue.body.split("\n")
            index = next(i for i, one in enumerate(lines) if f"maint:item {fingerprint}" in one)
            lines[index] = f"- [{' ' if ticked else 'X'}]" + lines[index][5:]
            self.put(issue, body="\n".join(lines))
            self.hands[fingerprint] = not ticked
            self.seen[fingerprint] = not read(issue.body).record.items[fingerprint].fixed

    @rule(pick=st.integers(0, 5), title=st.text(min_size=1, max_size=10))
    def rename_relabel_assign(self, pick: int, title: str) -> None:
        if issue := self.picked(pick):
            self.put(issue, title=title, labels=("triaged",), assignees=("ann",))
            self.kept[issue.number] = self.forge.read(issue.number)

    @rule(pick=st.integers(0, 5))
    def close_as_not_planned(self, pick: int) -> None:
        if issue := self.picked(pick):
            self.put(issue, state="closed", reason="not_planned")
            self.dismissed.add(issue.number)

    @rule(pick=st.integers(0, 5))
    def close_as_completed(self, pick: int) -> None:
        if (issue := self.picked(pick)) and issue.state == "open":
            self.put(issue, state="closed", reason="completed")

    @rule(pick=st.integers(0, 5))
    def open_again(self, pick: int) -> None:
        if (issue := self.picked(pick)) and issue.state == "closed":
            self.put(issue, state="open", reason="")
            self.dismissed.discard(issue.number)
            self.reopened.add(issue.number)

    @rule(pick=st.integers(0, 5))
    def save_in_the_web_editor(self, pick: int) -> None:
        """Which turns line ends into CRLF."""
        if (issue := self.picked(pick)) and issue.number not in self.texts:
            self.put(issue, body=issue.body.replace("\r\n", "\n").replace("\n", "\r\n"))

    @rule(pick=st.integers(0, 5))
    def damage_the_memory(self, pick: int) -> None:
        """Boxes and lines are kept; who ticked them, and what had no line, is lost."""
        issue = self.picked(pick)
        if issue and "maint:state" in issue.body:
            self.put(issue, body=issue.body.replace("maint:state", "maint:stale"))
            for fingerprint in read(issue.body).ticks:
                self.unsure.add(fingerprint)
                self.seen.pop(fingerprint, None)

    # what has to hold

    def teardown(self) -> None:
        for number, texts in self.texts.items():
            assert all(text in self.forge.read(number).body for text in texts)
        for number, issue in self.kept.items():
            now = self.forge.read(number)
            assert (now.title, now.labels, now.assignees) == (issue.title, issue.labels, issue.assignees)
        assert all(self.forge.read(number).reason == "not_planned" for number in self.dismissed)
        for issue in self.forge.managed():
            assert len(issue.body) < 65_536
            assert len(read(issue.body).ticks) <= self.limits.items

    def look(self, guardrails: Iterable[str]) -> None:
        """After a run of ``guardrails`` in full that reached its end."""
        found = items_of(self.document(guardrails).findings)
        present = {item.fingerprint for item in found}
        originals: dict[str, Issue] = {}
        for issue in self.forge.managed():
            first = originals.setdefault(fingerprint_of(issue.body), issue)
            assert first is issue or issue.state == "closed", "two open issues about the same"
        tracked: set[str] = set()
        for issue in originals.values():
            record = read(issue.body).record
            tracked |= {fingerprint[:PREFIX] for fingerprint in record.items}
            tracked |= {prefix for run in record.more.values() for prefix in hidden_items(run)}
            if issue.number not in self.dismissed:
                self.look_at(issue, guardrails, present)
        # What left the list (fixed, and no line to spare) comes back as new, with nobody's tick.
        for fingerprint in [one for one in self.hands if one[:PREFIX] not in tracked]:
            del self.hands[fingerprint]
        assert {item.fingerprint[:PREFIX] for item in found} <= tracked, "a finding is in no issue"

    def look_at(self, issue: Issue, guardrails: Iterable[str], present: set[str]) -> None:
        body = read(issue.body)
        looked_at = {f: i for f, i in body.record.items.items() if CODES[i.code] in guardrails}
        for fingerprint in looked_at:
            self.observe(fingerprint, fingerprint in present)
            if fingerprint not in self.unsure:
                expected = self.hands.get(fingerprint, fingerprint not in present)
                assert body.ticks[fingerprint] == expected, (issue.title, fingerprint)
        if present & looked_at.keys():
            assert issue.state == "open"
        elif len(looked_at) == len(body.record.items) and not body.record.hidden():
            by_hand = any(item.hand for item in body.record.items.values())
            assert issue.state == "closed" or by_hand or issue.number in self.reopened

    def rerun_writes_nothing(self, document: FindingsDocument) -> None:
        """On another day, at another commit, with lines that moved."""
        runs = tuple(msgspec.structs.replace(run, head_commit="b" * 40) for run in document.runs)
        moved = tuple(
            msgspec.structs.replace(one, location=msgspec.structs.replace(one.location, line=99))
            for one in document.findings
        )
        before = self.forge.writes
        steps = self.carry_out(FindingsDocument(runs=runs, findings=moved))
        assert self.forge.writes == before, [step.action.decision.reasons for step in steps]

    # means

    def document(
        self,
        guardrails: Iterable[str],
        partial: str = "",
        seen: set[int] | None = None,
        skipped: Iterable[str] = (),
    ) -> FindingsDocument:
        found = [self.all[index] for index in sorted(self.wrong if seen is None else self.wrong & seen)]
        found = [one for one in found if one.location.place not in skipped]
        given = {"partial": partial, "unjudged": dict.fromkeys(skipped, "skipped")}
        runs = [self.make.run(name, GUARDRAILS[name], **given) for name in sorted(guardrails)]
        return FindingsDocument(
            runs=tuple[Run, ...](runs), findings=tuple(one for one in found if CODES[one.code] in guardrails)
        )

    def planned(self, document: FindingsDocument) -> Any:
        self.day += timedelta(days=1)
        return plan([document], self.forge.managed(), self.day.isoformat(), self.forge.link, self.limits)

    def carry_out(self, document: FindingsDocument, budget: int = 100) -> list[Step]:
        planned = self.planned(document)
        assert not [
            action for action in planned.changes if action.issue and action.issue.number in self.dismissed
        ]
        return list(apply(planned, self.forge, budget, ("maint",)))

    def carry_out_interrupted(
        self, document: FindingsDocument, interrupt: Callable[[str, str], None]
    ) -> None:
        """Where a forge refuses to write over what changed meanwhile, people run it again."""
        self.forge.interrupt = interrupt
        try:
            self.carry_out(document)
        except ForgeError:
            self.forge.interrupt = lambda when, what: None
            self.carry_out(document)
        finally:
            self.forge.interrupt = lambda when, what: None
        self.look(GUARDRAILS)
        self.rerun_writes_nothing(document)

    def fingerprints(self, findings: Iterable[Finding]) -> set[str]:
        return {item.fingerprint for item in items_of(findings)}

    def observe(self, fingerprint: str, present: bool) -> None:
        """What was found changed, so a hand's tick has had its time."""
        if self.seen.get(fingerprint, present) != present:
            self.hands.pop(fingerprint, None)
            self.unsure.discard(fingerprint)
        self.seen[fingerprint] = present

    def forget(self) -> None:
        """How far a run came that did not reach its end is not known here."""
        self.unsure |= self.hands.keys()

    def flips(self) -> set[str]:
        return set(self.hands)

    def picked(self, pick: int) -> Issue | None:
        originals: dict[str, Issue] = {}
        for issue in self.forge.managed():
            originals.setdefault(fingerprint_of(issue.body), issue)
        return list(originals.values())[pick % len(originals)] if originals else None

    def put(self, issue: Issue, **values: Any) -> None:
        self.forge.issues[issue.number] = msgspec.structs.replace(self.forge.read(issue.number), **values)


def test_histories_of_runs_people_and_crashes(make: Any, make_memory_forge: Callable[[], Any]) -> None:
    machine = type("Histories", (Histories,), {"make": make, "memory_forge": staticmethod(make_memory_forge)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
