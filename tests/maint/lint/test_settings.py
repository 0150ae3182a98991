"""Which rules are on, and which files are tests."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from maint.lint.settings import Settings


@pytest.mark.parametrize(
    ("values", "on", "off"),
    [
        ({}, ("E900", "MNT010", "MNT030"), ("MNT011", "MNT014", "MNT040", "MNT041")),
        ({"select": ("MNT030",)}, ("MNT030",), ("E900", "MNT010", "MNT040")),
        ({"select": ("MNT",)}, ("MNT010", "MNT030"), ("E900", "MNT040")),
        ({"select": ("E9",)}, ("E900",), ("MNT010",)),
        ({"select": ("MNT04",)}, ("MNT040", "MNT041"), ("MNT030",)),
        ({"extend-select": ("MNT040",)}, ("E900", "MNT010", "MNT040"), ("MNT041",)),
        ({"extend-select": ("MNT",)}, ("MNT010",), ("MNT040",)),
        ({"ignore": ("MNT01",)}, ("E900", "MNT030"), ("MNT010", "MNT012")),
        ({"ignore": ("MNT",), "extend-select": ("MNT030",)}, ("E900", "MNT030"), ("MNT010",)),
        ({"select": ("E900",), "ignore": ("E",)}, ("E900",), ()),
        ({"ignore": ("MNT900",)}, ("MNT010",), ("E900",)),
    ],
)
def test_the_longest_entry_decides(
    values: dict[str, tuple[str, ...]], on: tuple[str, ...], off: tuple[str, ...]
) -> None:
    settings = Settings(values)
    assert [code for code in (*on, *off) if settings.is_on(code)] == list(on)


@pytest.mark.parametrize(
    ("path", "is_test"),
    [
        ("tests/core.py", True),
        ("shop/tests/core.py", True),
        ("shop/test_core.py", True),
        ("shop/core_test.py", True),
        ("conftest.py", True),
        ("shop/core.py", False),
        ("shop/testing.py", False),
        ("tests.py", False),
    ],
)
def test_a_test_is_known_by_its_place_or_name(path: str, is_test: bool) -> None:
    assert Settings().is_test(PurePosixPath(path)) is is_test


def test_only_e900_bears_the_prefix() -> None:
    settings = Settings({"prefix": "MNT"})
    assert [settings.shown_code(code) for code in ("E900", "MNT010")] == ["MNT900", "MNT010"]
