"""From the phases of one test over its reruns to at most the findings that its last run deserves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from maint.findings import Location
from pytest_maint.session.failure import Failure
from pytest_maint.session.history import History, Phase

PHASES = ("setup", "call", "teardown")
# One run: in which phases it failed. A failed set-up leaves out the call.
RUNS = st.lists(
    st.sampled_from([(), ("setup",), ("call",), ("teardown",), ("call", "teardown"), ("setup", "teardown")]),
    min_size=1,
    max_size=4,
)


def history(runs: Sequence[Sequence[str]], logged: Sequence[bool]) -> History:
    """What the controller makes of ``runs``, of which only the ``logged`` ones and the last are reported."""
    test = History(Location(path="a.py", line=1, node_id="a.py::test_x"))
    noted: list[dict[str, Any]] = []
    for position, failed in enumerate(runs):
        last = position == len(runs) - 1
        for when in PHASES:
            if when == "call" and "setup" in failed:
                continue
            number = None
            if when in failed:
                number = len(noted)
                failure = Failure(exception="E", when=when, number=number, run=position + 1)
                noted.append(msgspec.to_builtins(failure))
            told = {"run": position + 1, "number": number, "failures": list(noted)} if noted else None
            outcome = "passed" if when not in failed else "failed" if last else "rerun"
            if last or logged[position]:
                test.add(Phase(when, outcome, told=told))
    return test


@given(RUNS, st.lists(st.booleans(), min_size=4, max_size=4))
def test_the_last_run_decides_and_an_earlier_failure_is_never_lost(
    runs: list[tuple[str, ...]], logged: list[bool]
) -> None:
    test = history(runs, logged)
    found = list(test.findings())
    assert test.unjudged is None
    if runs[-1]:
        expected = ["TST001" if when == "call" else "TST002" for when in runs[-1]]
        earlier = sum(len(failed) for failed in runs[:-1])
        assert [len(finding.evidence["attempts"]) for finding in found] == [earlier + 1] * len(expected)
    else:
        expected = ["TST005"] if any(runs) else []
    assert [finding.code for finding in found] == expected


def test_a_test_that_was_begun_and_not_ended_has_no_verdict() -> None:
    test = History(Location(node_id="a.py::test_x"))
    test.add(Phase("setup", "passed"))
    assert test.unjudged == "not finished"
    assert list(test.findings()) == []


def test_a_failure_reported_by_another_plugin_is_one_too() -> None:
    test = History(Location(node_id="a.py::test_x"))
    test.add(Phase("setup", "passed"))
    test.add(Phase("call", "failed", said="leaked 3 handles"))
    (finding,) = test.findings()
    assert finding.code == "TST001"
    assert finding.message == "test_x: fails: leaked 3 handles; TST001"


def test_a_crash_is_kept_though_the_test_passes_on_another_worker() -> None:
    test = History(Location(node_id="a.py::test_x"))
    test.add_crash("worker 'gw0' crashed while running 'a.py::test_x'")
    for when in PHASES:
        test.add(Phase(when, "passed"))
    assert [finding.code for finding in test.findings()] == ["TST006"]
