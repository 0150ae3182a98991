"""Backup files, which flake8 never visits, are reported all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Flake8 = Callable[..., Any]
PACKAGE = {"shop/__init__.py": "", "shop/core.py": "ONE = 1\n", "shop/stock/__init__.py": ""}


def reported(output: str) -> list[tuple[str, str]]:
    """Where each backup is reported, and what its message says it is."""
    lines = [line.partition(":1:1: MNT020 ") for line in output.splitlines()]
    return [(place.removeprefix("./"), message.partition(":")[0]) for place, _, message in lines]


def test_a_backup_is_reported_at_its_package_with_its_own_path(flake8: Flake8) -> None:
    files = {**PACKAGE, "shop/stock/core.py.bak": "", "shop/stock/core_backup_20240131.py": ""}
    done = flake8(files, "--select=MNT")
    assert done.code == 1
    assert reported(done.output) == [
        ("shop/stock/__init__.py", "shop/stock/core.py.bak"),
        ("shop/stock/__init__.py", "shop/stock/core_backup_20240131.py"),
    ]


def test_a_tidy_package_is_clean(flake8: Flake8) -> None:
    assert flake8(PACKAGE).output == ""


def test_the_first_module_speaks_for_a_folder_without_init(flake8: Flake8) -> None:
    files = {"shop/b.py": "", "shop/a.py": "", "shop/b.py.orig": ""}
    assert reported(flake8(files).output) == [("shop/a.py", "shop/b.py.orig")]


def test_a_folder_of_data_belongs_to_its_package(flake8: Flake8) -> None:
    files = {**PACKAGE, "shop/data/deep/prices.json.old": "", "other/prices.old": ""}
    assert reported(flake8(files).output) == [("shop/__init__.py", "shop/data/deep/prices.json.old")]


@pytest.mark.parametrize("folder", ["tests", "shop/tests", "shop/testdata"])
def test_backups_among_the_tests_are_data(flake8: Flake8, folder: str) -> None:
    assert flake8({**PACKAGE, f"{folder}/__init__.py": "", f"{folder}/sample.orig": ""}).output == ""


def test_a_backup_below_a_hidden_folder_is_none_of_the_package(flake8: Flake8) -> None:
    assert flake8({**PACKAGE, "shop/.cache/core.bak": ""}).output == ""


def test_a_project_that_lies_among_tests_is_judged_from_its_own_root(flake8: Flake8, tmp_path: Path) -> None:
    files = {"tests/pyproject.toml": "", "tests/shop/__init__.py": "", "tests/shop/core.bak": ""}
    module = str(tmp_path / "tests" / "shop" / "__init__.py")
    assert flake8(files, module).output == ""
    assert "MNT020 shop/core.bak: " in flake8(files, module, below="tests").output


def test_other_patterns_can_be_chosen(flake8: Flake8) -> None:
    files = {**PACKAGE, "shop/core.py.bak": "", "shop/core.py.SIK": ""}
    done = flake8(files, "--maint-backup-patterns=*.sik")
    assert reported(done.output) == [("shop/__init__.py", "shop/core.py.SIK")]


def test_the_rule_can_be_ignored(flake8: Flake8) -> None:
    assert flake8({**PACKAGE, "shop/core.py.orig": ""}, "--extend-ignore=MNT020").code == 0
