"""Small projects whose broad handlers are recorded for real."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from maint.fix.evidence import Evidence, HandlerEvidence, read

Record = Callable[..., pytest.RunResult]


@pytest.fixture(autouse=True)
def _no_other_plugins(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    # They have no part in this, and take half of the time of each run; pytester clears the variable first.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p pytest_maint.plugin -p no:cacheprovider")


class Project:
    """A folder with a package and tests; `record` runs pytest in a process of its own."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self._pytester = pytester
        self.root = pytester.path
        self.write({"pyproject.toml": "[tool.pytest.ini_options]\npythonpath = ['.']\n"})

    def write(self, files: Mapping[str, str]) -> None:
        """Write files by their path relative to the root."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")

    def record(self, *arguments: str) -> pytest.RunResult:
        """``pytest --maint-except record``."""
        return self._pytester.runpytest_subprocess("--maint-except", "record", *arguments)

    @property
    def evidence(self) -> Evidence:
        """What was recorded."""
        return read(self.root / ".maint" / "out" / "except.json")

    def handler(self, symbol: str) -> HandlerEvidence:
        """The one broad handler of a function."""
        found = [each for each in self.evidence.handlers if each.symbol == symbol]
        assert len(found) == 1, self.evidence
        return found[0]

    def caught(self, symbol: str) -> dict[str, int]:
        """Type -> count of what the handler of a function caught."""
        return {one.bases[0]: one.count for one in self.handler(symbol).observations}


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    """An empty project."""
    return Project(pytester)


@pytest.fixture
def left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """What processes have left in the folder for temporary files, which is a fresh one."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return lambda: sorted(path.name for path in folder.iterdir())
