"""Two processes compare return values by digest: equal content, equal digest, whatever the hash seed."""

from __future__ import annotations

import dataclasses
import enum
import math
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_maint.benchmark.worker.digest import digest

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner)
)


@dataclasses.dataclass
class Point:
    x: int
    cached: int = dataclasses.field(default=0, compare=False)


class Slotted:
    __slots__ = ("a",)

    def __init__(self, a: object) -> None:
        self.a = a


class Plain:
    def __init__(self, a: object) -> None:
        self.a = a


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


@given(values)
def test_equal_content_has_an_equal_digest(value: object) -> None:
    import copy

    assert digest(value, "/root") == digest(copy.deepcopy(value), "/root") is not None


@given(st.lists(st.integers()), st.lists(st.integers()))
def test_lists_are_told_apart(one: list[int], other: list[int]) -> None:
    assert (digest(one, "/r") == digest(other, "/r")) == (one == other)


@given(st.dictionaries(st.text(), st.integers()))
def test_the_order_of_a_mapping_does_not_matter(value: dict[str, int]) -> None:
    assert digest(value, "/r") == digest(dict(reversed(value.items())), "/r")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        ("a", b"a"),
        ([1], (1,)),
        (Point(1), Point(2)),
        (Plain(1), Plain(2)),
        (Slotted([1]), Slotted([2])),
        (Colour.RED, Colour.BLUE),
        ({"a": {"b": 1}}, {"a": {"b": 2}}),
        (0.1 + 0.2, 0.3),
    ],
)
def test_different_values_differ(one: object, other: object) -> None:
    assert digest(one, "/r") != digest(other, "/r")


def test_fields_left_out_of_comparison_are_left_out_here() -> None:
    assert digest(Point(1, cached=5), "/r") == digest(Point(1, cached=6), "/r")


def test_the_root_of_the_tree_is_masked() -> None:
    assert digest([Path("/one/b/file"), "/one/b"], "/one/b") == digest(
        [Path("/one/h/file"), "/one/h"], "/one/h"
    )


@pytest.mark.parametrize("value", [iter([]), (n for n in []), threading.Lock(), object(), math, [open]])
def test_what_has_no_content_is_not_compared(value: object) -> None:
    assert digest(value, "/r") is None


def test_a_value_that_holds_itself_ends() -> None:
    value: list[object] = []
    value.append(value)
    assert digest(value, "/r") is not None


def test_sets_do_not_follow_the_hash_seed() -> None:
    program = (
        "from pytest_maint.benchmark.worker.digest import digest;"
        "print(digest([{'a','b','c','d'}, frozenset('xyz'), {'k': {'p','q'}}], '/r'))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(seen) == 1
