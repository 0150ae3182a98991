"""Which base of a type is written, and which docstrings count."""

from __future__ import annotations

import builtins

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maint.fix.evidence import OUTSIDE, Evidence, HandlerEvidence, Observation, merged
from maint.fix.narrowing.lifting import builtin_bases, lifted, without_covered
from maint.fix.narrowing.project import absolute, module_name
from maint.fix.narrowing.static import documented

TAIL = ("builtins:Exception", "builtins:BaseException")


@pytest.mark.parametrize(
    ("bases", "expected"),
    [
        (builtin_bases("ConnectionRefusedError"), "builtins:OSError"),
        (builtin_bases("ModuleNotFoundError"), "builtins:ImportError"),
        (builtin_bases("UnicodeDecodeError"), "builtins:UnicodeError"),
        (builtin_bases("KeyError"), "builtins:KeyError"),
        (builtin_bases("KeyboardInterrupt"), "builtins:KeyboardInterrupt"),
        (builtin_bases("Exception"), None),
        (("json:JSONDecodeError", "builtins:ValueError", *TAIL), "builtins:ValueError"),
        (("socket:gaierror", "builtins:OSError", *TAIL), "builtins:OSError"),
        (("struct:error", *TAIL), "struct:error"),
        (
            ("requests:ConnectionError", "requests:RequestException", "builtins:OSError", *TAIL),
            "requests:RequestException",
        ),
        (("a:f.<locals>.E", "a:Error", *TAIL), "a:Error"),
        (("a:_E", "builtins:KeyError", "builtins:LookupError", *TAIL), "builtins:KeyError"),
        (("a:_E", *TAIL), None),
    ],
)
def test_a_type_is_lifted_to_the_base_that_one_would_catch(
    bases: tuple[str, ...], expected: str | None
) -> None:
    assert lifted(bases) == expected


def test_a_type_of_the_project_stays_what_it_is() -> None:
    assert lifted(("shop.errors:Short", "shop.errors:Error", *TAIL), {"shop"}) == "shop.errors:Short"


@given(st.sets(st.sampled_from([n for n in dir(builtins) if n.endswith("Error")]), min_size=1))
def test_what_is_written_covers_all_that_was_seen(names: set[str]) -> None:
    lineages = []
    for name in names:
        bases = builtin_bases(name)
        kind = lifted(bases)
        assert kind is not None
        lineages.append(bases[bases.index(kind) :])
    kept = tuple(getattr(builtins, kind.partition(":")[2]) for kind in without_covered(lineages))
    assert all(issubclass(getattr(builtins, name), kept) for name in names)
    assert not any(one is not other and issubclass(one, other) for one in kept for other in kept)


@pytest.mark.parametrize(
    ("docstring", "names"),
    [
        ("x\n\n:raises ValueError: if\n:raise a.B, OSError: if", ["ValueError", "a.B", "OSError"]),
        (
            "x\n\nRaises:\n    ValueError: if\n        so\n    OSError: or\n\nReturns:\n    KeyError: no",
            ["ValueError", "OSError"],
        ),
        (
            "x\n\nRaises\n------\nValueError\n    If so.\na.B\n    Or.\n\nNotes\n-----\nNo",
            ["ValueError", "a.B"],
        ),
        ("Raises a question.", []),
        (
            ":raises if: it is so\n:raises None: never\n:raises a.is.B: x\n:raises KeyError: else",
            ["KeyError"],
        ),
        ("Raises:\n    while: it is so\n    OSError: else", ["OSError"]),
        ("Raises:", []),
    ],
)
def test_documented_exceptions_are_read_in_three_styles(docstring: str, names: list[str]) -> None:
    assert documented(docstring) == names


@pytest.mark.parametrize(
    ("target", "path", "expected"),
    [
        ("a.b", "p/q.py", "a.b"),
        (".b.C", "p/q.py", "p.b.C"),
        ("..b.C", "p/q/r.py", "p.b.C"),
        (".b.C", "src/p/__init__.py", "p.b.C"),
    ],
)
def test_a_relative_import_is_seen_from_its_module(target: str, path: str, expected: str) -> None:
    assert absolute(target, path) == expected


def test_a_package_is_named_by_its_folder() -> None:
    assert (module_name("src/p/__init__.py"), module_name("p/q.py"), module_name("q.py")) == ("p", "p.q", "q")


def evidence(tests: dict[str, int], try_hash: str = "1") -> Evidence:
    seen = (Observation(("builtins:KeyError", *TAIL), "a:f", "a.py", tests),) if tests else ()
    return Evidence(python="3", handlers=(HandlerEvidence("a.py", "f", 0, try_hash, 1, True, seen),))


counts = st.dictionaries(st.sampled_from("abc"), st.integers(1, 9))


@given(counts, counts)
def test_merging_counts_each_test_once_by_its_last_run(
    earlier: dict[str, int], latest: dict[str, int]
) -> None:
    whole = merged(evidence(earlier), evidence(latest), latest.keys())
    seen = [one.tests for one in whole.handlers[0].observations]
    assert (seen[0] if seen else {}) == {**earlier, **latest}
    assert merged(whole, evidence(latest), latest.keys()) == whole


def test_a_test_that_ran_again_and_saw_nothing_takes_its_evidence_back() -> None:
    whole = merged(evidence({"a": 1, "b": 1}), evidence({}), {"a"})
    assert whole.handlers[0].observations[0].tests == {"b": 1}


def test_what_is_caught_while_no_test_runs_is_that_of_the_last_run() -> None:
    whole = merged(evidence({OUTSIDE: 5, "a": 1}), evidence({OUTSIDE: 2}), {"b"})
    assert whole.handlers[0].observations[0].tests == {OUTSIDE: 2, "a": 1}
    assert merged(evidence({OUTSIDE: 5}), evidence({}), {"b"}).handlers[0].observations == ()


def test_evidence_of_another_try_body_is_dropped() -> None:
    assert merged(evidence({"a": 1}), evidence({}, "2"), set()).handlers[0].observations == ()
