"""When a session counts as whole, and what it says when it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_maint.partial import Asked, Seen, narrow_paths, option_values, partial_reason

TWO = frozenset({"a", "b"})
WHOLE = Seen(expected=TWO, started=TWO)


@pytest.mark.parametrize(
    ("asked", "seen", "reason"),
    [
        (Asked(), WHOLE, ""),
        (Asked(selectors=("-k foo",)), WHOLE, ""),
        (Asked(selectors=("-k foo",)), WHOLE._replace(deselected=frozenset("c")), "-k foo"),
        (Asked(configured=("-m not slow",)), WHOLE._replace(deselected=frozenset("c")), ""),
        (
            Asked(configured=("-m not slow",), selectors=("-k foo",)),
            WHOLE._replace(deselected=frozenset("c")),
            "-k foo",
        ),
        (Asked(), WHOLE._replace(deselected=frozenset("c")), "1 test deselected"),
        (
            Asked(configured=("-m not slow",)),
            WHOLE._replace(deselected=frozenset("cde"), dropped=frozenset("de")),
            "2 tests deselected",
        ),
        (Asked(cuts=("--lf",)), WHOLE._replace(deselected=frozenset("c")), "--lf"),
        (Asked(cuts=("--lf",)), WHOLE, "--lf"),
        (Asked(narrow_paths=("a.py", "b.py")), WHOLE, "only a.py, b.py"),
        (Asked(narrow_paths=tuple("abcde")), WHOLE, "only a, b, c and 2 more"),
        (Asked(), WHOLE._replace(crashed=("gw1",), stopped="interrupted"), "worker gw1 crashed, interrupted"),
        (Asked(), WHOLE._replace(collection_errors=2), "2 collection errors"),
        (Asked(), WHOLE._replace(started=frozenset("a")), "1 test did not run"),
        (Asked(), WHOLE._replace(started=frozenset()), "no test ran"),
        (Asked(), Seen(), "no test ran"),
    ],
)
def test_the_reason_names_what_was_left_out(asked: Asked, seen: Seen, reason: str) -> None:
    assert partial_reason(asked, seen) == reason


names = st.frozensets(st.sampled_from("abcdef"))


@given(
    st.builds(
        Seen,
        expected=names,
        started=names,
        deselected=names,
        collection_errors=st.integers(0, 2),
        crashed=st.sampled_from([(), ("gw0",)]),
        stopped=st.sampled_from(["", "interrupted"]),
    )
)
def test_only_a_session_that_ran_all_it_collected_is_whole(seen: Seen) -> None:
    clean = not (seen.deselected or seen.collection_errors or seen.crashed or seen.stopped)
    whole = clean and bool(seen.started) and seen.expected <= seen.started
    assert (partial_reason(Asked(), seen) == "") == whole


@pytest.mark.parametrize(
    ("arguments", "folder", "narrow"),
    [
        (["."], "/p", False),
        (["tests"], "/p", False),
        (["tests/"], "/p", False),
        (["/p/tests"], "/elsewhere", False),
        (["unit", "doc"], "/p/tests", True),
        (["tests/unit"], "/p", True),
        (["tests/test_a.py::test_b"], "/p", True),
        (["tests", "tests/test_a.py::test_b"], "/p", False),
        ([".."], "/p/tests", False),
        (["tests2"], "/p", True),
    ],
)
def test_arguments_are_narrow_unless_they_hold_the_whole_scope(
    arguments: list[str], folder: str, narrow: bool
) -> None:
    assert bool(narrow_paths(arguments, Path(folder), [Path("/p/tests")])) == narrow


@pytest.mark.parametrize(
    ("tokens", "values"),
    [
        (("-m", "not slow", "--strict-markers"), ("not slow",)),
        (("-mslow", "--mark=fast", "--mark", "any"), ("slow", "fast", "any")),
        (("-qm", "not slow", "-xvmfast", "-m=any"), ("not slow", "fast", "any")),
        (("--marker=x", "--mar=x", "x-m", "-rxm", "-m"), ()),
        ((), ()),
    ],
)
def test_values_are_read_from_a_command_line_as_the_parser_does(
    tokens: tuple[str, ...], values: tuple[str, ...]
) -> None:
    assert option_values(tokens, "-m", "--mark") == values
