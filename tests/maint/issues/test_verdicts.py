"""Which absences mean fixed: skipped tests, tests of other runs, causes, and what has no line."""

from __future__ import annotations

from typing import Any

import pytest

from maint.findings import Finding
from maint.issues.body import read
from maint.issues.grouping import Limits
from maint.report.documents import Run

PLACE = "tests/test_a.py::"


@pytest.fixture
def failures(make: Any) -> list[Finding]:
    """Five tests that fail for one cause."""
    return [make.failure(f"test_{n}") for n in range(5)]


def session(make: Any, judged: Any = (), skipped: Any = (), **given: Any) -> Run:
    unjudged = {f"{PLACE}test_{name}": "skipped" for name in skipped}
    return make.run(
        "tests", ["TST001"], judged=tuple(f"{PLACE}test_{n}" for n in judged), unjudged=unjudged, **given
    )


def test_a_skipped_test_of_another_guardrail_keeps_no_long_list_open(tracker: Any, make: Any) -> None:
    tracker.limits = Limits(15, 3)
    tracker.run([make.lint(f"src/{n}.py") for n in range(8)])
    assert tracker.run([], make.run(), session(make, skipped="x")) == ["close"]


def test_a_file_without_verdict_keeps_its_own_unlisted_item_only(tracker: Any, make: Any) -> None:
    tracker.limits = Limits(15, 3)
    tracker.run([make.lint(f"src/{n}.py") for n in range(8)])
    assert tracker.run([], make.run(unjudged={"src/elsewhere.py": "excluded"})) == ["close"]
    tracker.run([make.lint(f"src/{n}.py") for n in range(8)])
    assert tracker.run([], make.run(unjudged={"src/7.py": "excluded"})) == ["edit"]
    assert "- … and 1 more" in tracker.issue.body
    assert tracker.run([]) == ["close"]


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
    assert tracker.run([], session(make, skipped="z")) == []
    assert tracker.run([], session(make)) == ["close"]


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
    def damage(self, tracker: Any) -> None:
        tracker.put(body=tracker.issue.body.replace("maint:state", "gone"))

    def test_a_tick_by_hand_survives(self, tracker: Any, make: Any) -> None:
        tracker.run([make.lint("src/a.py"), make.lint("src/b.py")])
        tracker.flip("a.py")
        self.damage(tracker)
        findings = [make.lint("src/a.py"), make.lint("src/b.py")]
        assert tracker.run(findings) == ["edit"]
        assert tracker.line("a.py").startswith("- [x]")
        assert tracker.line("a.py").endswith("still found)")
        assert tracker.run(findings) == []

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

    def test_other_findings_go_on_in_another_issue(self, tracker: Any, make: Any) -> None:
        tracker.limits = Limits(1)
        tracker.run([make.lint("src/a.py")])
        tracker.put(state="closed", reason="not_planned")
        both = [make.lint("src/a.py"), make.lint("src/b.py")]
        assert tracker.run(both) == ["create"]
        assert tracker.forge.read(2).title == "Other findings (2)"
        assert tracker.run(both) == []
