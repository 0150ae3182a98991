"""The folder for subprocesses: what a killed session left behind goes when the next one begins."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from pytest_maint.coverage.parts import make_folder


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def ended_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_folders_of_processes_that_are_gone_are_removed(temporary: Path) -> None:
    left = temporary / f"maint-coverage-{ended_process()}-abc"
    left.mkdir()
    (left / "data.part").touch()
    made = make_folder()
    assert list(temporary.iterdir()) == [made]


def test_folders_of_running_processes_and_of_others_stay(temporary: Path) -> None:
    kept = {temporary / f"maint-coverage-{os.getppid()}-abc", temporary / "maint-coverage-notes"}
    for folder in kept:
        folder.mkdir()
    assert {make_folder(), *kept} == {*temporary.iterdir()}
