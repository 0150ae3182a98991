"""A misspelt ``--root`` is said by every verb, instead of taken for a project without settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from maint.cli.main import main

VERBS = (
    "config",
    "coverage check",
    "coverage merge",
    "doctor",
    "fix",
    "gpu alerts",
    "gpu export",
    "issues plan findings.json",
    "lint",
    "ports check",
    "ports graph",
    "ports lease",
    "ports scan",
    "report findings.json",
)


@pytest.mark.parametrize("verb", VERBS)
def test_a_root_that_is_not_there_is_one_sentence(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    code = main([*verb.split(), "--root", "nowhere"])

    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert said.err == "maint: --root nowhere: no such folder; name the one that holds the project\n"
