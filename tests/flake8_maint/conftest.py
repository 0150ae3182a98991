"""flake8 in this process: the real one, on a folder of the test's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from flake8.main.cli import main


class Run(NamedTuple):
    """The exit code of flake8 and what it printed, on standard output and as errors."""

    code: int
    output: str
    error: str

    @property
    def lines(self) -> list[str]:
        return self.output.splitlines()

    @property
    def places(self) -> list[str]:
        """``path:line:column code`` of each line."""
        return [" ".join(line.removeprefix("./").split(" ")[:2]).replace(": ", " ") for line in self.lines]


@pytest.fixture
def flake8(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Run]:
    """Writes the files into an empty project and runs flake8 there, or in a folder ``below``."""

    def run(files: Mapping[str, str | bytes], *arguments: str, isolated: bool = True, below: str = "") -> Run:
        for name, content in {"pyproject.toml": "", **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        monkeypatch.chdir(tmp_path / below)
        options = [*["--isolated"] * isolated, "-j1", *arguments]
        return Run(main(options), *capsys.readouterr())

    return run
