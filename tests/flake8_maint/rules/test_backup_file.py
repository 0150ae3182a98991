"""MNT020 by its own examples."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from flake8_maint.rules.backup_file import INVALID, VALID, backups, is_shipped


@pytest.mark.parametrize("name", VALID)
def test_a_valid_example_is_silent(name: str) -> None:
    assert backups([name]) == []


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_example_is_found(name: str) -> None:
    assert backups([name]) == [name]


@pytest.mark.parametrize(
    ("package", "shipped"), [("src/shop", True), ("shop", True), ("tests/data", False), ("shop/tests", False)]
)
def test_test_folders_may_hold_such_files(package: str, shipped: bool) -> None:
    assert is_shipped(PurePosixPath(package)) is shipped
