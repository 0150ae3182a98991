"""Narrowed handlers on trial, with tests that fail as they are told to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maint.fix.evidence import Evidence, HandlerEvidence, Observation
from maint.fix.narrowing.judgement import Judge, Narrowing
from maint.fix.narrowing.project import Project as Sources
from maint.fix.narrowing.trial import Trial
from maint.fix.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tests.maint.fix.conftest import Project

SHOP = """
    def one(x):
        try:
            return int(x)
        except Exception:
            return 1

    def two(x):
        try:
            return float(x)
        except Exception:
            return 2
"""
BASES = ("builtins:ValueError", "builtins:Exception", "builtins:BaseException")


def judged(project: Project, tests: dict[str, dict[str, int]]) -> tuple[Judge, list[Narrowing]]:
    """A judge, and its narrowings of ``one`` and ``two``; ``tests``: how often each caught what in a test."""
    project.write({"shop.py": SHOP})
    source = Source("shop.py", (project.root / "shop.py").read_bytes())
    handlers = tuple(
        HandlerEvidence(
            *("shop.py", each.symbol, each.ordinal, each.try_hash, each.node.lineno, True),
            (Observation(BASES, f"shop:{each.symbol}", "shop.py", tests[each.symbol]),),
        )
        for each in source.handlers
    )
    evidence = Evidence(python="3", handlers=handlers)
    judge = Judge(Sources(project.root, ["shop.py"]), evidence, 1, lambda _: False)
    return judge, [judge.judge(source, each) for each in source.handlers]


def one_after_the_other(*answers: Collection[str]) -> Callable[[Collection[str]], Collection[str]]:
    """What fails before the narrowings, and in each round after it."""
    left = iter(answers)
    return lambda _: next(left)


def test_a_handler_that_was_put_back_is_blamed_for_nothing_more(project: Project) -> None:
    judge, narrowings = judged(project, {"one": {"t1": 1, "t2": 1}, "two": {"t3": 1}})
    before = project.text("shop.py")
    # t2 hit only the handler of one, which is back by then: so it fails because of the other
    failing = one_after_the_other((), ("t1",), ("t2",), ())
    verdicts = Trial(project.root, judge, failing).run(narrowings)
    assert [(each.outcome, each.tests) for each in verdicts] == [("reverted", ("t1",)), ("reverted", ("t2",))]
    assert project.text("shop.py") == before


def test_a_handler_that_no_failing_test_hit_is_kept(project: Project) -> None:
    judge, narrowings = judged(project, {"one": {"t1": 1}, "two": {"t2": 1}})
    failing = one_after_the_other((), ("t1",), ())
    verdicts = Trial(project.root, judge, failing).run(narrowings)
    assert [each.outcome for each in verdicts] == ["reverted", "kept"]
    assert project.text("shop.py").count("except Exception") == 1
