"""A project of files, scanned and judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from maint.ports.scan.judge import Case, Fault, judge
from maint.ports.scan.run import Scan, scan

Project = Callable[[Mapping[str, str]], Scan]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    def made(files: Mapping[str, str]) -> Scan:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return scan(tmp_path, [tmp_path])

    return made


@pytest.fixture
def faults(project: Project) -> Callable[..., list[Fault]]:
    def found(files: Mapping[str, str], **given: Any) -> list[Fault]:
        scanned = project(files)
        return judge(Case(scanned.sites, texts=scanned.texts, **given))

    return found
