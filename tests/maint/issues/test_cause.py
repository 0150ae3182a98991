"""Two failures share an item exactly when they have one cause."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maint.issues.cause import cause_of, masked
from maint.issues.item import items_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("row 17 is wrong", "row 18 is wrong"),
        ("at 0x7f3a2b1c", "at 0x55d0aa10"),
        ("commit 3f2a9c0112 is gone", "commit 99aa31bc04 is gone"),
        ("no such file: /tmp/pytest-of-a/pytest-3/x.db", "no such file: /tmp/pytest-of-b/pytest-41/y.db"),
        ("no 'alice' here", "no 'bob' here"),
        ('no key "a-1"', 'no key "b-22"'),
        ("took 1.5e-3 s", "took 2.25 s"),
        ("id 6ba7b810-9dad-11d1-80b4-00c04fd430c8", "id 00000000-9dad-11d1-80b4-00c04fd430c9"),
        ("two\n  lines", "two lines"),
    ],
)
def test_what_differs_from_case_to_case_is_masked(one: str, other: str) -> None:
    assert masked(one) == masked(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("row 17 is wrong", "row 17 is missing"), ("no 'a' here", "no 'a' there"), ("", "boom")],
)
def test_what_says_something_else_is_another_cause(one: str, other: str) -> None:
    assert masked(one) != masked(other)


@given(st.text(max_size=400))
def test_masking_is_stable(message: str) -> None:
    assert masked(message) == masked(message)
    assert "\n" not in masked(message)


def test_a_broken_fixture_is_one_item_with_200_tests(make: Any) -> None:
    findings = [
        make.failure(f"test_{n}", f"database {n} is gone", code="TST002", line=n) for n in range(1, 201)
    ]
    (item,) = items_of(findings)
    assert len(item.members) == 200
    assert (item.location.path, item.title) == ("src/core.py", "RuntimeError: database 1 is gone")


@pytest.mark.parametrize(
    "other",
    [
        {"exception": "builtins.KeyError"},
        {"message": "bang"},
        {"crash": "src/other.py"},
        {"function": "save"},
        {"code": "TST002"},
    ],
    ids=str,
)
def test_another_exception_message_frame_or_code_is_another_item(make: Any, other: dict[str, str]) -> None:
    assert len(items_of([make.failure("test_a"), make.failure("test_b")])) == 1
    assert len(items_of([make.failure("test_a"), make.failure("test_b", **other)])) == 2


def test_the_line_of_the_crash_is_no_part_of_the_cause(make: Any) -> None:
    (one,), (moved,) = items_of([make.failure(line=7)]), items_of([make.failure(line=70)])
    assert one.fingerprint == moved.fingerprint


@pytest.mark.parametrize(
    "evidence",
    [{}, {"exception": ""}, {"exception": 3}, {"message": "boom"}],
    ids=str,
)
def test_without_an_exception_a_finding_stands_alone(make: Any, evidence: dict[str, Any]) -> None:
    assert cause_of(make.lint(evidence=evidence)) is None


@pytest.mark.parametrize("crash", [None, "src/a.py:3", {}, {"path": None}], ids=str)
def test_evidence_of_other_readers_may_lack_the_frame(make: Any, crash: Any) -> None:
    finding = make.failure(evidence={"exception": "ValueError", "message": "x", "crash": crash})
    assert cause_of(finding) is not None
    assert items_of([finding])[0].location == finding.location
