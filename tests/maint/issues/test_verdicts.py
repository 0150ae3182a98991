"""Which absences mean fixed: skipped tests, tests of other runs, causes, and what has no line."""

from __future__ import annotations

import re
from typing import Any

import pytest

from maint.findings import Finding
from maint.issues.body import read
from maint.issues.grouping import Limits
from maint.issues.judgement import MARK
from maint.report.documents import Run

PLACE = "tests/test_a.py::"


@pytest.fixture
def failures(make: Any) -> list[Finding]:
    """Five tests that fail for one cause."""
    return [make.failure(f"test_{n}") for n in range(5)]


def session(make: Any, judged: Any = None, skipped: Any = (), **given: Any) -> Run:
    """A run of the tests; unless told which, it judged all that it did not skip."""
    if judged is not None:
        given["judged"] = tuple(f"{PLACE}test_{name}" for name in judged)
    unjudged = {f"{PLACE}test_{name}": "skipped" for name in skipped}
    return make.run("tests", ["TST001"], unjudged=unjudged, **given)


def test_a_skipped_test_of_another_guardrail_keeps_no_long_list_open(tracker: Any, make: Any) -> None:
    tracker.limits = Limits(15, 3)
    tracker.run([make.lint(f"src/{n}.py") for n in range(8)])
    assert tracker.run([], make.run(), session(make, skipped="x")) == ["close"]


def test_of_what_is_only_counted_all_that_its_guardrail_looks_at_has_to_be_judged(
    tracker: Any, make: Any
) -> None:
    tracker.limits = Limits(15, 3)
    findings = [make.lint(f"src/{n:04}.py") for n in range(1100)]
    tracker.run(findings)
    skipping = session(make, skipped="x")
    assert tracker.run(findings[:-1], make.run(unjudged={"src/elsewhere.py": "excluded"}), skipping) == []
    assert tracker.run(findings[:-1], make.run(), skipping) == ["edit"]
    assert "**1 of 1100 fixed**" in tracker.issue.body


def test_a_file_without_verdict_keeps_its_own_unlisted_item_only(tracker: Any, make: Any) -> None:
    tracker.limits = Limits(15, 3)
    tracker.run([make.lint(f"src/{n}.py") for n in range(8)])
    assert tracker.run([], make.run(unjudged={"src/elsewhere.py": "excluded"})) == ["close"]
    tracker.run([make.lint(f"src/{n}.py") for n in range(8)])
    assert tracker.run([], make.run(unjudged={"src/7.py": "excluded"})) == ["edit"]
    assert "- … and 1 more" in tracker.issue.body
    assert tracker.run([]) == ["close"]


def test_an_unlisted_cause_is_not_fixed_while_one_of_its_tests_is_skipped(
    tracker: Any, make: Any, failures: list[Finding]
) -> None:
    tracker.limits = Limits(15, 1)
    others = [make.failure(f"test_{name}", exception="builtins.KeyError") for name in "ab"]
    tracker.run([*failures, *others])
    assert "- … and 1 more" in tracker.issue.body
    assert tracker.run([], session(make, skipped="b")) == ["edit"]
    assert "**1 of 2 fixed**" in tracker.issue.body
    assert tracker.run([], session(make)) == ["close"]


def test_a_cause_is_not_fixed_while_one_of_its_tests_is_skipped(
    tracker: Any, make: Any, failures: list[Finding]
) -> None:
    tracker.run(failures)
    assert tracker.run([], session(make, skipped="4")) == []
    assert tracker.run([], session(make, skipped="z")) == ["close"]


def test_a_test_that_left_its_cause_by_being_skipped_is_remembered(
    tracker: Any, make: Any, failures: list[Finding]
) -> None:
    tracker.run(failures)
    assert tracker.run(failures[:3], session(make, skipped="34")) == ["edit"]
    assert tracker.run([], session(make, skipped="34")) == []
    assert tracker.run([], session(make)) == ["close"]


def test_of_a_cause_too_large_to_remember_all_have_to_be_judged(tracker: Any, make: Any) -> None:
    tracker.run([make.failure(f"test_{n}") for n in range(1500)])
    (item,) = read(tracker.issue.body).record.items.values()
    assert item.cut
    assert len(item.marks) == 1000
    assert tracker.run([], session(make, range(1500), "z")) == []
    assert tracker.run([], session(make, range(1500))) == ["close"]


def test_a_cause_too_large_to_remember_stays_so_while_some_of_its_tests_may_be_skipped(
    tracker: Any, make: Any
) -> None:
    many = [make.failure(f"test_{n}") for n in range(1500)]
    tracker.run(many)
    assert tracker.run(many[:3], session(make, range(1500), "z")) == ["edit"]
    assert tracker.run([], session(make, range(1500), "z")) == []
    assert tracker.run([], session(make, range(1500))) == ["close"]


def test_what_is_remembered_of_all_causes_together_is_bounded(tracker: Any, make: Any) -> None:
    sizes = {"KeyError": 700, "OSError": 600, "ValueError": 500}
    tracker.run(
        [
            make.failure(f"test_{name}_{n}", exception=name)
            for name, size in sizes.items()
            for n in range(size)
        ]
    )
    items = read(tracker.issue.body).record.items.values()
    assert [len(item.members) // MARK for item in items] == [700, 300, 0]
    assert [item.cut for item in items] == [False, True, True]


def test_where_no_test_ran_nothing_is_fixed(tracker: Any, make: Any, failures: list[Finding]) -> None:
    tracker.run(failures)
    assert tracker.run([], session(make, judged=())) == []


def test_a_test_that_no_run_lists_is_not_fixed(tracker: Any, make: Any, failures: list[Finding]) -> None:
    tracker.run(failures)
    assert tracker.run([], session(make, judged="01")) == []
    assert tracker.run([], session(make, judged="01234")) == ["close"]


def test_a_test_that_one_run_of_a_matrix_judged_is_judged(
    tracker: Any, make: Any, failures: list[Finding]
) -> None:
    tracker.run(failures)
    assert tracker.run([], session(make, "012", "34"), session(make, "0", "1234")) == []
    assert tracker.run([], session(make, "012", "34"), session(make, "34", "012")) == ["close"]


def test_shards_add_and_tick_nothing(tracker: Any, make: Any, failures: list[Finding]) -> None:
    tracker.run(failures)
    shards = (session(make, "012", partial="1 of 2"), session(make, "34", partial="2 of 2"))
    assert tracker.run([], *shards) == []


def test_a_file_that_could_not_be_collected_is_fixed_when_its_tests_run(tracker: Any, make: Any) -> None:
    broken = make.lint("tests/test_a.py", code="TST001", title="could not be imported")
    tracker.run([broken])
    assert tracker.run([], make.run("tests", ["TST001"], judged=("tests/test_b.py::test_1",))) == []
    assert tracker.run([], session(make, "1")) == ["close"]


def test_what_is_about_no_place_is_fixed_by_any_full_run(tracker: Any, make: Any) -> None:
    tracker.run([make.lint("", code="TST001", title="a worker died")])
    assert tracker.run([], session(make, "1")) == ["close"]


def test_a_test_that_was_deleted_is_done_when_a_person_ticks_it(
    tracker: Any, make: Any, failures: list[Finding]
) -> None:
    tracker.run(failures[:1])
    assert tracker.run([], session(make, "z")) == []
    tracker.flip("test_0")
    assert tracker.run([], session(make, "z")) == ["close"]


def test_a_ticked_line_keeps_its_place_on_a_full_list(tracker: Any, make: Any) -> None:
    tracker.limits = Limits(15, 3)
    tracker.run([make.lint(f"src/{n}.py") for n in "def"])
    tracker.flip("f.py")
    tracker.run([make.lint(f"src/{n}.py") for n in "abcdef"])
    assert tracker.line("f.py").startswith("- [x]")
    assert "- … and 3 more" in tracker.issue.body


def test_a_partial_run_does_not_change_how_to_reproduce(tracker: Any, make: Any) -> None:
    tracker.run([make.lint("src/a.py")])
    tracker.run([make.lint("src/b.py")], make.run(command="flake8 src/b.py", partial="src/b.py"))
    assert "`flake8 .`" in tracker.issue.body
    assert "flake8 src/b.py" not in tracker.issue.body


def test_a_commit_is_named_only_where_it_is_what_was_looked_at(tracker: Any, make: Any) -> None:
    tracker.run([make.lint()])
    tracker.run([], make.run(head_dirty=True))
    assert "a" * 40 not in tracker.forge.comments[1][0]
    tracker.run([make.lint()])
    tracker.run([])
    assert f"All items are fixed at `{'a' * 40}`" in tracker.forge.comments[1][1]


class TestDamagedMemory:
    def damage(self, tracker: Any, lines: str = "maint:state") -> None:
        tracker.put(body=re.sub(lines, "gone", tracker.issue.body))

    @pytest.mark.parametrize("lines", ["maint:state", "maint:(state|about)"])
    def test_a_tick_by_hand_survives(self, tracker: Any, make: Any, lines: str) -> None:
        tracker.run([make.lint("src/a.py"), make.lint("src/b.py")])
        tracker.flip("a.py")
        self.damage(tracker, lines)
        findings = [make.lint("src/a.py"), make.lint("src/b.py")]
        assert tracker.run(findings) == ["edit"]
        assert tracker.line("a.py").startswith("- [x]")
        assert tracker.line("a.py").endswith("(ticked by hand 2026-01-02, still found)")
        assert tracker.run(findings) == []

    def test_a_place_that_was_found_again_is_remembered(self, tracker: Any, make: Any) -> None:
        elsewhere = make.run(unjudged={"src/elsewhere.py": "excluded"})
        tracker.run([make.lint()])
        self.damage(tracker)
        assert tracker.run([], elsewhere) == ["edit"]
        assert tracker.run([make.lint()], elsewhere) == ["edit"]
        assert tracker.run([], elsewhere) == ["close"]

    def test_a_line_whose_place_was_lost_is_named_by_its_id(self, tracker: Any, make: Any) -> None:
        finding = make.lint()
        tracker.run([finding])
        self.damage(tracker)
        (action,) = tracker.plan([]).actions
        assert f"fixed: {finding.fingerprint}" in action.decision.reasons

    @pytest.mark.parametrize("number", [2, 40])
    def test_the_issues_of_folders_are_found_again_and_closed(
        self, tracker: Any, make: Any, number: int
    ) -> None:
        tracker.limits = Limits(15, 10)
        findings = [make.lint(f"src/{folder}/{n}.py") for folder in "ab" for n in range(number)]
        tracker.run(findings)
        for issue in tracker.forge.managed():
            damaged = issue.body.replace("maint:state", "gone")
            tracker.forge.issues[issue.number] = type(issue)(
                number=issue.number, title=issue.title, body=damaged
            )
        before = len(tracker.forge.issues)
        tracker.run(findings)
        assert len(tracker.forge.issues) == before
        assert set(tracker.run([])) == {"close"}

    def test_other_findings_are_found_again_and_closed(self, tracker: Any, make: Any) -> None:
        tracker.limits = Limits(1)
        findings = [make.lint(), make.failure()]
        tracker.run(findings)
        self.damage(tracker)
        assert tracker.run([]) == ["close"]
        assert "**2 of 2 fixed**" in tracker.issue.body


class TestDismissed:
    def test_what_is_new_makes_a_new_issue_and_what_was_there_is_counted(
        self, tracker: Any, make: Any
    ) -> None:
        tracker.run([make.lint("src/a.py")])
        tracker.put(state="closed", reason="not_planned")
        both = [make.lint("src/a.py"), make.lint("src/b.py")]
        assert tracker.plan(both).silenced == 1
        assert tracker.run(both) == ["create"]
        first, second = tracker.forge.managed()
        assert (first.state, second.state) == ("closed", "open")
        assert second.title == "flake8:E501 line too long (2)"
        assert tracker.run(both) == []
        assert tracker.run(both[:1]) == ["close"]

    def test_unlisted_items_are_dismissed_too(self, tracker: Any, make: Any) -> None:
        tracker.limits = Limits(15, 3)
        findings = [make.lint(f"src/{n}.py") for n in range(8)]
        tracker.run(findings)
        tracker.put(state="closed", reason="not_planned")
        assert tracker.run(findings) == []
        assert tracker.plan(findings).silenced == 8

    def test_a_rule_with_items_that_were_only_counted_stays_silent(self, tracker: Any, make: Any) -> None:
        tracker.limits = Limits(15, 3)
        findings = [make.lint(f"src/{n}.py") for n in range(1100)]
        tracker.run(findings)
        tracker.put(state="closed", reason="not_planned")
        assert tracker.run([*findings, make.lint("src/new.py")]) == []

    def test_other_findings_go_on_in_another_issue(self, tracker: Any, make: Any) -> None:
        tracker.limits = Limits(1)
        tracker.run([make.lint("src/a.py")])
        tracker.put(state="closed", reason="not_planned")
        both = [make.lint("src/a.py"), make.lint("src/b.py")]
        assert tracker.run(both) == ["create"]
        assert tracker.forge.read(2).title == "Other findings (2)"
        assert tracker.run(both) == []
