"""What a run changes: ticks, returns, closings, and what people said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from maint.findings import Finding
from maint.forge.protocol import Change
from maint.issues.apply import apply
from maint.issues.body import read
from maint.issues.explanation import explained
from maint.issues.grouping import Limits
from maint.issues.item import items_of
from maint.issues.plan import plan


@pytest.fixture
def two(make: Any) -> list[Finding]:
    return [make.lint("src/a.py"), make.lint("src/b.py")]


def test_fixed_is_ticked_back_is_unticked_with_the_date(tracker: Any, two: list[Finding]) -> None:
    assert tracker.run(two) == ["create"]
    assert tracker.run(two[:1]) == ["edit"]
    assert tracker.line("b.py").startswith("- [x] `line too long`")
    assert tracker.line("b.py").endswith("(fixed 2026-01-02)")
    assert "**1 of 2 fixed**" in tracker.issue.body
    assert tracker.run(two) == ["edit"]
    assert tracker.line("b.py").startswith("- [ ]")
    assert tracker.line("b.py").endswith("(back since 2026-01-03)")


def test_all_fixed_is_closed_with_one_comment_and_opened_again_when_one_is_back(
    tracker: Any, two: list[Finding]
) -> None:
    tracker.run(two)
    assert tracker.run([]) == ["close"]
    assert (tracker.issue.state, tracker.issue.reason) == ("closed", "completed")
    assert len(tracker.forge.comments[1]) == 1
    assert tracker.run(two[1:]) == ["reopen"]
    assert tracker.issue.state == "open"
    assert tracker.line("b.py").endswith("(back since 2026-01-03)")
    assert tracker.run([]) == ["close"]
    assert len(tracker.forge.comments[1]) == 2, "each closing has its comment"


@pytest.mark.parametrize("partial", ["-k parse", "worker gw1 crashed"])
def test_a_partial_run_adds_and_updates_but_ticks_and_closes_nothing(
    tracker: Any, two: list[Finding], partial: str
) -> None:
    run = tracker.make.run(partial=partial)
    tracker.run(two[:1])
    assert tracker.run([], run) == []
    assert tracker.run(two[1:], run) == ["edit"]
    assert [tracker.line(name)[:5] for name in ("a.py", "b.py")] == ["- [ ]", "- [ ]"]
    tracker.run([])
    assert tracker.run(two[:1], run) == ["reopen"]


def test_a_guardrail_that_did_not_run_changes_nothing(tracker: Any, two: list[Finding]) -> None:
    tracker.run(two)
    assert tracker.run([], tracker.make.run("tests", ["TST001"])) == []
    (action,) = tracker.plan([], tracker.make.run("tests", ["TST001"])).actions
    assert action.decision.reasons == ("no run looked at what it is about",)


def test_one_guardrail_in_full_and_in_part_is_in_part(tracker: Any, two: list[Finding]) -> None:
    tracker.run(two)
    runs = (tracker.make.run(), tracker.make.run(partial="shard 2 of 3"))
    assert tracker.run(two[:1], *runs) == []


def test_what_got_no_verdict_is_not_fixed(tracker: Any, two: list[Finding]) -> None:
    tracker.run(two)
    assert tracker.run([], tracker.make.run(unjudged={"src/a.py": "excluded"})) == ["edit"]
    assert [tracker.line(name)[:5] for name in ("a.py", "b.py")] == ["- [ ]", "- [x]"]
    assert tracker.issue.state == "open"


def test_a_tick_by_hand_stays_until_what_was_found_changes(tracker: Any, two: list[Finding]) -> None:
    tracker.run(two)
    tracker.flip("a.py")
    assert tracker.run(two) == ["edit"]
    assert tracker.line("a.py").startswith("- [x]")
    assert tracker.line("a.py").endswith("(ticked by hand 2026-01-02, still found)")
    assert tracker.run(two) == []
    assert tracker.run(two[1:]) == ["edit"]
    assert tracker.line("a.py").endswith("(fixed 2026-01-04)")
    assert tracker.run(two) == ["edit"]
    assert tracker.line("a.py").startswith("- [ ]")


def test_an_issue_whose_boxes_are_all_ticked_by_hand_is_not_closed(tracker: Any, make: Any) -> None:
    tracker.run([make.lint()])
    tracker.flip("a.py")
    assert tracker.run([make.lint()]) == ["edit"]
    assert tracker.issue.state == "open"


def test_unticked_by_hand_keeps_the_issue_open(tracker: Any, two: list[Finding]) -> None:
    tracker.run(two)
    tracker.run(two[:1])
    tracker.flip("b.py")
    assert tracker.run([]) == ["edit"]
    assert tracker.line("b.py").endswith("(no longer found 2026-01-02, unticked by hand 2026-01-03)")
    assert tracker.issue.state == "open"
    tracker.flip("b.py")
    assert tracker.run([]) == ["close"]


def test_not_planned_stays_closed_and_untouched(tracker: Any, two: list[Finding]) -> None:
    tracker.run(two)
    tracker.put(state="closed", reason="not_planned")
    assert tracker.run(two) == []
    planned = tracker.plan(two)
    assert planned.actions[0].decision.reasons == ("closed by hand as not planned",)
    assert planned.silenced == 2


def test_closed_as_done_but_still_found_is_opened_again(tracker: Any, two: list[Finding]) -> None:
    tracker.run(two)
    tracker.put(state="closed", reason="completed")
    assert tracker.run([], tracker.make.run("tests", ["TST001"])) == []
    assert tracker.run(two) == ["reopen"]


def test_opened_again_by_a_person_it_stays_open(tracker: Any, two: list[Finding]) -> None:
    tracker.run(two)
    tracker.run([])
    tracker.put(state="open", reason="")
    assert tracker.run([]) == []
    assert tracker.issue.state == "open"


def test_title_labels_and_assignees_are_people_s(tracker: Any, two: list[Finding]) -> None:
    tracker.run(two)
    assert tracker.issue.labels == ("maint",)
    tracker.put(title="mine", labels=(), assignees=("ann",))
    tracker.run(two[:1])
    assert (tracker.issue.title, tracker.issue.labels, tracker.issue.assignees) == ("mine", (), ("ann",))


def test_other_lines_and_another_commit_are_no_news_but_come_along(tracker: Any, make: Any) -> None:
    later = make.run(head_commit="c" * 40)
    tracker.run([make.lint("src/a.py", line=3), make.lint("src/b.py")])
    assert tracker.run([make.lint("src/a.py", line=30), make.lint("src/b.py")], later) == []
    assert tracker.run([make.lint("src/a.py", line=30)], later) == ["edit"]
    assert f"`src/a.py:30`](https://forge.test/blob/{'c' * 40}/src/a.py#L30)" in tracker.line("a.py")
    assert f"{'a' * 40}/src/b.py" in tracker.line("b.py"), "what is gone is linked where it was"


def test_fewer_tests_behind_one_cause_is_news_of_a_full_run_only(tracker: Any, make: Any) -> None:
    failures = [make.failure(f"test_{n}") for n in range(5)]
    tracker.run(failures)
    assert tracker.run(failures[:2], make.run("tests", ["TST001"], partial="--lf")) == []
    assert tracker.run(failures[:2]) == ["edit"]
    assert tracker.plan(failures[:2]).changes == ()


def test_the_tests_of_a_cause_stand_until_it_is_fixed(tracker: Any, make: Any) -> None:
    failures = [make.failure(f"test_{n}") for n in range(5)]
    other = make.failure("test_other", exception="builtins.KeyError")
    tracker.run(failures)
    tracker.run([other], make.run("tests", ["TST001"], partial="-k other"))
    for text in ("  - `tests/test_a.py::test_4`", "`pytest tests/test_a.py::test_0 "):
        assert text in tracker.issue.body, "of what a run did not find the text stays"
    tracker.run([other])
    for text in ("  - `tests/test_a.py::test_4`", "`pytest tests/test_a.py::test_0 "):
        assert text not in tracker.issue.body


def test_two_files_of_one_run_are_one_plan(tracker: Any, two: list[Finding], make: Any) -> None:
    documents = [make.document(two[:1], make.run()), make.document(two, make.run())]
    planned = plan(documents, [], "2026-01-01", tracker.forge.link, Limits())
    assert [len(action.items) for action in planned.actions] == [2]


@pytest.mark.parametrize("damage", ["maint:state", "maint:item", "maint:end"])
def test_a_damaged_block_is_written_anew_and_nothing_is_doubled(
    tracker: Any, two: list[Finding], damage: str
) -> None:
    tracker.run(two)
    tracker.put(body=f"mine\n{tracker.issue.body.replace(damage, 'gone')}mine too")
    tracker.run(two[:1])
    tracker.run(two)
    assert tracker.plan(two).changes == ()
    assert len(read(tracker.issue.body).ticks) == 2
    assert tracker.issue.body.startswith("mine\n")
    assert tracker.issue.body.endswith("mine too")


def test_a_deleted_line_comes_back_with_the_next_change(tracker: Any, two: list[Finding]) -> None:
    tracker.run(two)
    lines = [one for one in tracker.issue.body.splitlines(keepends=True) if "a.py`" not in one]
    tracker.put(body="".join(lines))
    assert tracker.run(two) == []
    tracker.run(two[:1])
    assert tracker.line("a.py").startswith("- [ ]")


def test_what_does_not_fit_the_list_is_counted_and_comes_up_later(tracker: Any, make: Any) -> None:
    tracker.limits = Limits(15, 3)
    findings = [make.lint(f"src/{name}.py") for name in "abcdefgh"]
    tracker.run(findings)
    assert "- … and 5 more" in tracker.issue.body
    assert tracker.plan(findings).changes == ()
    tracker.run(findings[2:])
    assert "**2 of 8 fixed**" in tracker.issue.body
    assert "- … and 3 more" in tracker.issue.body
    tracker.run(findings[7:])
    assert "**7 of 8 fixed**" in tracker.issue.body
    assert tracker.run([]) == ["close"]
    assert "**8 of 8 fixed**" in tracker.issue.body


@pytest.mark.parametrize("number", [1500, 2000])
def test_thousands_are_counted_to_the_last(tracker: Any, make: Any, number: int) -> None:
    findings = [make.lint(f"src/{n}.py") for n in range(number)]
    tracker.run(findings)
    assert f"**0 of {number} fixed**" in tracker.issue.body
    assert tracker.plan(findings).changes == ()
    assert tracker.plan(findings[:700], tracker.make.run(partial="-k x")).changes == ()
    tracker.run(findings[200:])
    assert f"**200 of {number} fixed**" in tracker.issue.body
    tracker.run(findings[-1:])
    assert f"**{number - 1} of {number} fixed**" in tracker.issue.body
    assert tracker.run([]) == ["close"]


def test_people_s_text_may_leave_less_room_or_none(tracker: Any, make: Any) -> None:
    findings = [make.lint(f"src/{'deep/' * 20}{n}.py") for n in range(100)]
    tracker.run(findings[:99])
    tracker.put(body="x" * 40_000 + "\n" + tracker.issue.body)
    assert tracker.run(findings) == ["edit"]
    assert len(tracker.issue.body) < 65_536
    assert "**0 of 100 fixed**" in tracker.issue.body
    assert tracker.plan(findings).changes == ()
    tracker.put(body="x" * 65_000 + "\n" + tracker.issue.body)
    (action,) = tracker.plan(findings[:50]).actions
    assert (action.decision.kind, action.writes) == ("blocked", 0)
    assert "leaves no room" in action.decision.reasons[0]
    assert [step.outcome for step in apply(tracker.plan(findings[:50]), tracker.forge, 0)] == ["blocked"]
    tracker.limits = Limits(body=1_000_000)
    assert tracker.run(findings[:50]) == ["edit"]


def test_tests_are_named_only_as_far_as_people_s_text_leaves_room(tracker: Any, make: Any) -> None:
    failures = [make.failure(f"test_{n}") for n in range(1000)]
    tracker.run(failures[:5])
    tracker.put(body="x" * 40_000 + "\n" + tracker.issue.body)
    assert tracker.run(failures) == ["edit"]
    assert 60_000 < len(tracker.issue.body) <= tracker.limits.body


def test_of_two_issues_about_the_same_the_later_is_closed(tracker: Any, two: list[Finding]) -> None:
    tracker.run(two)
    tracker.forge.create("again", f"by hand\n{tracker.issue.body}", [])
    assert tracker.run(two) == ["duplicate"]
    first, second = tracker.forge.read(1), tracker.forge.read(2)
    assert (first.state, second.state, second.reason) == ("open", "closed", "not_planned")
    assert second.body.startswith("by hand\n")
    assert "The same as #1" in tracker.forge.comments[2][0]
    assert tracker.run(two) == []


def test_a_closed_duplicate_is_no_person_s_decision(tracker: Any, two: list[Finding]) -> None:
    tracker.run(two)
    tracker.forge.create("again", tracker.issue.body, [])
    tracker.run(two)
    del tracker.forge.issues[1]
    assert tracker.run(two) == ["create"]


def test_what_a_person_wrote_into_a_duplicate_meanwhile_is_kept(tracker: Any, two: list[Finding]) -> None:
    tracker.run(two)
    copy = tracker.forge.create("again", tracker.issue.body, [])
    planned = tracker.plan(two)
    tracker.forge.issues[2] = msgspec.structs.replace(copy, body=f"words\n{copy.body}")
    list(apply(planned, tracker.forge, 100))
    assert tracker.forge.read(2).body.startswith("words\n")


def test_a_duplicate_that_a_person_took_over_meanwhile_is_left_alone(
    tracker: Any, two: list[Finding]
) -> None:
    tracker.run(two)
    copy = tracker.forge.create("again", tracker.issue.body, [])
    planned = tracker.plan(two)
    tracker.forge.issues[2] = msgspec.structs.replace(copy, body="all mine now")
    assert [step.outcome for step in apply(planned, tracker.forge, 100)] == ["settled meanwhile"]
    assert tracker.forge.read(2).state == "open"


def test_worse_comes_first_and_what_stays_comes_last(tracker: Any, make: Any) -> None:
    tracker.run([make.failure()])
    planned = tracker.plan(
        [make.failure(), make.lint(), *(make.lint(f"{n}.py", code="t:X") for n in range(3))]
    )
    assert [action.key.code for action in planned.actions] == ["t:X", "flake8:E501", "TST001"]


def test_an_issue_that_is_closed_makes_room_in_the_same_run(tracker: Any, make: Any) -> None:
    tracker.limits = Limits(2)
    tracker.run([make.lint(code="flake8:A1")])
    new = [make.lint(code="flake8:B1")]
    assert sorted(tracker.run(new)) == ["close", "create"]
    assert [issue.title for issue in tracker.forge.managed()][1].startswith("flake8:B1")
    assert tracker.run(new) == []


def test_severe_issues_that_no_run_looked_at_use_the_places_that_are_kept(tracker: Any, make: Any) -> None:
    tracker.limits = Limits(6)
    tracker.run([make.lint(code=f"flake8:{n}", severity="high") for n in range(2)])
    tracker.run([make.lint(code=f"ruff:{n}") for n in range(5)], make.run("ruff"))
    assert len(tracker.forge.managed()) == 6


def test_an_issue_that_was_closed_takes_no_place(tracker: Any, make: Any) -> None:
    tracker.limits = Limits(2)
    tracker.run([make.lint(code="flake8:A1")])
    tracker.run([])
    tracker.run([make.lint(code="flake8:B1")])
    assert [issue.title for issue in tracker.forge.managed()][1].startswith("flake8:B1")


def test_a_group_is_as_severe_as_its_worst(make: Any) -> None:
    failures = [
        make.failure(f"test_{n}", severity=severity) for n, severity in enumerate(("low", "critical"))
    ]
    assert [item.severity for item in items_of(failures)] == ["critical"]


def test_closed_by_hand_says_how_many_are_still_found(tracker: Any, two: list[Finding]) -> None:
    tracker.run(two)
    tracker.put(state="closed", reason="completed")
    assert tracker.plan(two).actions[0].decision.reasons == ("was closed, but 2 items are still found",)
    assert tracker.plan(two[:1]).actions[0].decision.reasons[-1] == "was closed, but 1 item is still found"


@pytest.mark.parametrize("number", [1, 2])
def test_the_title_of_failed_tests_names_the_first_cause(tracker: Any, make: Any, number: int) -> None:
    failures = [make.failure(f"test_{n}", function="f" * 200 if n else "load") for n in range(number)]
    (action,) = tracker.plan(failures).actions
    assert action.title == f"TST001 test-failed: RuntimeError in load{' and others' * (number - 1)}"


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("MNT014", "MNT014 log-without-traceback"),
        ("E900", "E900 broad-except"),
        ("PORT006", "PORT006 privileged-port: a port under 1024 is bound, which needs root"),
        ("t:X", f"t:X {'x' * 35}…{'x' * 39}"),
    ],
)
def test_a_title_is_short_and_breaks_no_sentence_of_our_rules(
    tracker: Any, make: Any, code: str, title: str
) -> None:
    (action,) = tracker.plan([make.lint(code=code, title="x" * 300)]).actions
    assert action.title == title
    assert len(title) < 80


class TestApply:
    def test_what_a_person_wrote_after_the_plan_is_kept(self, tracker: Any, two: list[Finding]) -> None:
        tracker.run(two)
        planned = tracker.plan(two[:1])
        tracker.put(body=f"new words\n{tracker.issue.body}")
        tracker.flip("a.py")
        list(apply(planned, tracker.forge, 100))
        assert tracker.issue.body.startswith("new words\n")
        assert "ticked by hand" in tracker.line("a.py")

    def test_the_budget_counts_writes_and_tells_what_is_left(self, tracker: Any, make: Any) -> None:
        findings = [make.lint(code=f"t:{n}") for n in range(5)]
        steps = list(apply(tracker.plan(findings), tracker.forge, 3))
        assert [step.outcome for step in steps] == ["done"] * 3 + ["left over"] * 2
        assert tracker.forge.writes == 3
        assert tracker.run(findings) == ["create", "create"]

    def test_an_issue_whose_marker_a_person_removed_is_left_alone(
        self, tracker: Any, two: list[Finding]
    ) -> None:
        tracker.run(two)
        planned = tracker.plan(two[:1])
        tracker.put(body="all mine now")
        assert [step.outcome for step in apply(planned, tracker.forge, 100)] == ["settled meanwhile"]
        assert tracker.forge.read(1).body == "all mine now"

    @pytest.mark.parametrize("moment", ["before", "after"])
    def test_killed_at_the_comment_it_is_made_once(
        self, tracker: Any, two: list[Finding], moment: str
    ) -> None:
        def kill(when: str, what: str) -> None:
            if (when, what) == (moment, "comment"):
                raise KeyboardInterrupt

        tracker.run(two)
        tracker.forge.interrupt = kill
        with pytest.raises(KeyboardInterrupt):
            tracker.run([])
        tracker.forge.interrupt = lambda when, what: None
        assert tracker.run([]) == ["close"]
        assert len(tracker.forge.comments[1]) == 1

    def test_made_by_another_reporter_since_the_plan_it_is_not_made_again(
        self, tracker: Any, two: list[Finding]
    ) -> None:
        planned = tracker.plan(two)
        tracker.run(two)
        assert [step.outcome for step in apply(planned, tracker.forge, 100)] == ["settled meanwhile"]
        assert len(tracker.forge.issues) == 1

    def test_a_closing_that_takes_two_writes_waits_for_both(self, tracker: Any, two: list[Finding]) -> None:
        tracker.run(two)
        steps = list(apply(tracker.plan([]), tracker.forge, 1))
        assert [step.outcome for step in steps] == ["left over"]
        assert tracker.forge.comments.get(1, []) == []

    def test_an_edit_that_became_a_closing_is_in_the_budget_too(
        self, tracker: Any, two: list[Finding]
    ) -> None:
        """A person ticks the last line away between the plan and its carrying out."""
        tracker.run(two)
        tracker.run(two[:1])
        tracker.flip("b.py")
        tracker.run(two[:1])
        planned = tracker.plan([])
        assert [action.writes for action in planned.changes] == [1]
        tracker.flip("b.py")
        writes = tracker.forge.writes
        steps = list(apply(planned, tracker.forge, 1))
        assert [step.outcome for step in steps] == ["left over"]
        assert tracker.forge.writes == writes

    def test_what_the_forge_made_otherwise_is_settled_at_once(self, tracker: Any, make: Any) -> None:
        """A forge that knows the issue of another reporter hands that back."""
        planned = tracker.plan([make.lint("src/a.py")])
        create = tracker.forge.create

        def late(title: str, body: str, labels: Any) -> Any:
            other = tracker.plan([make.lint("src/b.py")]).actions[0]
            return create(other.title, other.decision.change.body, labels)

        tracker.forge.create = late
        list(apply(planned, tracker.forge, 100))
        assert "src/a.py" in tracker.issue.body
        assert "src/b.py" in tracker.issue.body

    def test_an_edit_of_nothing_but_the_state_is_possible(self, tracker: Any, two: list[Finding]) -> None:
        tracker.run(two)
        assert tracker.forge.edit(1, Change(state="closed")).body == tracker.issue.body


class TestExplanation:
    @pytest.fixture
    def lines(self, tracker: Any, make: Any) -> Callable[[str], list[str]]:
        findings = [make.failure("test_a"), make.failure("test_b"), make.lint("src/@x.py")]
        tracker.run(findings)

        def lines(wanted: str) -> list[str]:
            document = make.document([*findings, make.lint("src/new.py")])
            return list(explained([document], tracker.forge.managed(), "2026-01-01", Limits(), wanted))

        return lines

    def test_every_item_has_its_issue_and_reason(self, lines: Callable[[str], list[str]]) -> None:
        text = "\n".join(lines(""))
        assert "#1 TST001 test-failed: RuntimeError in load: 1 item, worst high" in text
        assert "one cause for 2 tests: builtins.RuntimeError in load of src/core.py, boom" in text
        assert "stays where it is" in text
        assert "new, and flake8:E501 has a meta-issue" in text

    @pytest.mark.parametrize("wanted", ["test_b", "src/core.py", "src/core.py:7", "runtimeerror", "tst001"])
    def test_an_item_is_found_by_place_title_or_code(
        self, lines: Callable[[str], list[str]], wanted: str
    ) -> None:
        assert [line[:2] for line in lines(wanted)].count("  ") == 3
        assert lines(wanted)[0].startswith("#1 TST001")

    def test_what_is_not_there_has_no_lines(self, lines: Callable[[str], list[str]]) -> None:
        assert lines("nothing of the kind") == []
