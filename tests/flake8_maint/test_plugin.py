"""The plugin in a real flake8 run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def flake8(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flake8", "--isolated", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for folder in ("shop", "shop/stock", "tests"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").touch()
        (tmp_path / folder / "core.py").write_text("ONE = 1\n", encoding="utf-8")
    return tmp_path


def test_backups_are_reported_at_their_package_with_the_real_path(package: Path) -> None:
    (package / "shop" / "stock" / "core.py.bak").touch()
    (package / "shop" / "stock" / "core_backup_20240131.py").touch()
    done = flake8(package, "--select=MNT")
    assert done.returncode == 1
    first, second = done.stdout.splitlines()
    assert first.startswith("./shop/stock/__init__.py:1:1: MNT020 ")
    assert "shop/stock/core.py.bak: a backup or deprecated file" in first
    assert "core_backup_20240131.py" in second


def test_a_tidy_package_is_clean(package: Path) -> None:
    done = flake8(package)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_backups_among_the_tests_are_data(package: Path) -> None:
    (package / "tests" / "sample.orig").touch()
    assert flake8(package).returncode == 0


def test_an_absolute_path_is_judged_from_the_working_directory(package: Path) -> None:
    (package / "tests" / "shop").mkdir()
    root = package / "tests"
    (root / "shop" / "__init__.py").touch()
    (root / "shop" / "core.bak").touch()
    assert "MNT020 shop/core.bak" in flake8(root, str(root / "shop" / "__init__.py")).stdout


def test_it_works_in_workers_too(package: Path) -> None:
    (package / "shop" / "core.py~").touch()
    done = flake8(package, "-j2", "--select=MNT020")
    assert done.stdout.count("MNT020") == 1


def test_the_rule_is_on_by_default_and_can_be_ignored(package: Path) -> None:
    (package / "shop" / "core.py.orig").touch()
    assert "MNT020" in flake8(package).stdout
    assert flake8(package, "--extend-ignore=MNT020").returncode == 0
