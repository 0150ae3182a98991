"""Which dependency declarations count as changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from maint.baseline import dependencies


@pytest.mark.parametrize(
    ("name", "before", "after", "differs"),
    [
        ("pyproject.toml", '[project]\ndependencies = ["a"]', '[project]\ndependencies = ["a>1"]', True),
        ("pyproject.toml", '[project]\nversion = "1"', '[project]\nversion = "2"', False),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\na = "1"',
            '[tool.poetry.dependencies]\na = "2"',
            True,
        ),
        ("pyproject.toml", '[dependency-groups]\ntest = ["a"]', '[dependency-groups]\ntest = ["b"]', True),
        ("requirements-dev.txt", "a==1\n", "# why\na==1\n\n", False),
        ("requirements-dev.txt", "a==1\n", "a==2\n", True),
        ("requirements/test.txt", "a\n", "b\n", True),
        ("uv.lock", "a", "b", True),
        ("setup.cfg", "[options]\ninstall_requires = a", "[options]\ninstall_requires = b", True),
        ("setup.cfg", "[options.extras_require]\nx = a", "[options.extras_require]\nx = b", True),
        ("setup.cfg", "[metadata]\nversion = 1", "[metadata]\nversion = 2", False),
        ("setup.py", "setup(install_requires=['a'])", "setup(install_requires=['b'])", True),
        ("setup.py", "setup(version='1')", "setup(version='2')", False),
    ],
)
def test_changed(tmp_path: Path, name: str, before: str, after: str, differs: bool) -> None:
    for side, text in (("b", before), ("h", after)):
        path = tmp_path / side / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    assert dependencies.changed(tmp_path / "b", tmp_path / "h") == ([name] if differs else [])


def test_a_new_lock_file_is_a_change(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "h").mkdir()
    (tmp_path / "h/poetry.lock").write_text("a")
    assert dependencies.changed(tmp_path / "b", tmp_path / "h") == ["poetry.lock"]
