"""flake8 and ``maint lint`` give the same findings, on a sample of oddities and on real projects."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

STDLIB, INSTALLED = (Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib"))
# What every installation of this project's tests has, and what many broad handlers are in.
PROJECTS = [
    *(STDLIB / name for name in ("asyncio", "concurrent", "logging", "multiprocessing")),
    *(INSTALLED / name for name in ("execnet", "xdist")),
]
LINE = re.compile(r"\./(?P<path>.*?):(?P<line>\d+):(?P<column>\d+): (?P<code>\S+) (?P<message>.*)")
SELECT = "E900,MNT,MNT011,MNT014,MNT040,MNT041"
Row = tuple[str, int, int, str, str]

SAMPLE = {
    "pyproject.toml": "[tool.maint.lint]\nboundary-names = ['start']\nswallowers = ['ignoring']\n",
    "noqa.py": "try: f()\nexcept Exception: g()  # noqa: E900\n"
    "try: f()\nexcept (\n    Exception,  # noqa\n): g()\n",
    "off.py": "# flake8: noqa: F401\ntry: f()\nexcept: pass\n",
    "crlf.py": "x = 'é'\r\ntry: f('é')\r\nexcept Exception: g()\r\n",
    "tabs.py": "def f():\n\ttry: f()\n\texcept Exception: g()\n",
    "start.py": "def start():\n    try: f()\n    except Exception: g()\n",
    "main.py": "def main():\n    try: f()\n    except Exception: g()\n",
    "swallow.py": "with ignoring(): f()\n",
    "port.py": "é = 'é'; sock.bind(('', 8080))\n",
    "todo.py": "# TODO: later\nx = '# TODO'\n# FIXME SHOP-12: sooner\n",
    "pkg/__init__.py": "",
    "pkg/core.py.bak": "",
    "pkg/data/core_backup_20240131.txt.orig": "",
    "archive/old.py": "x = 1\n",
    "tests/test_a.py": "try: f()\nexcept Exception: pass\nsock.bind(('', 8080))\n",
    "name with space.py": "try: f()\nexcept: raise\n",
}


def by_flake8(root: Path) -> set[Row]:
    """What flake8 reports; a backup file has the place that its message names."""
    command = [sys.executable, "-m", "flake8", "-j1", f"--select={SELECT}", "."]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode in (0, 1), done.stderr
    matches = [LINE.fullmatch(line) for line in done.stdout.splitlines()]
    assert all(matches), done.stdout
    return {
        (
            match["message"].partition(":")[0] if match["code"] == "MNT020" else match["path"],
            *(int(match["line"]), int(match["column"]), match["code"], match["message"]),
        )
        for match in matches
        if match
    }


def by_cli(root: Path) -> set[Row]:
    """What the command reports of files that flake8 visits and can parse."""
    arguments = ("lint", "--format=json", "--no-cache", "--extend-select=MNT011,MNT014,MNT040,MNT041")
    command = [sys.executable, "-m", "maint", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode in (0, 1), done.stderr
    return {
        (where["path"], where["line"], where["column"], finding["code"], finding["message"])
        for finding in json.loads(done.stdout)["findings"]
        if finding["code"] != "MNT022" and finding["evidence"]["certain"]
        for where in [finding["location"]]
    }


def test_on_a_sample_of_oddities(tmp_path: Path) -> None:
    for name, text in SAMPLE.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    (tmp_path / "latin.py").write_bytes(b"# coding: latin-1\nx = '\xe9'; sock.connect(('h', 99))\n")
    (tmp_path / "undeclared.py").write_bytes(b"x = '\xe9'\ntry: f()\nexcept Exception: g()\n")
    (tmp_path / "mark.py").write_bytes(b"\xef\xbb\xbftry: f()\nexcept Exception: g()\n")
    found = by_cli(tmp_path)
    assert {code for *_, code, _ in found} >= {
        "E900",
        "MNT010",
        "MNT012",
        "MNT020",
        "MNT021",
        "MNT030",
        "MNT040",
    }
    assert found == by_flake8(tmp_path)


def test_with_a_baseline_only_what_is_new(tmp_path: Path) -> None:
    broad = "def f():\n    try: g()\n    except Exception: h()\n"
    (tmp_path / "pyproject.toml").write_text("[tool.maint.lint]\nbaseline = true\n", encoding="utf-8")
    (tmp_path / "old.py").write_text(broad, encoding="utf-8")
    (tmp_path / "core.py.bak").touch()
    subprocess.run(
        [sys.executable, "-m", "maint", "lint", "--add"], cwd=tmp_path, check=True, capture_output=True
    )
    assert by_cli(tmp_path) == by_flake8(tmp_path) == set()
    # moved, with one more in the same function, and one that a comment takes back before it
    more = f"import os\n\n{broad}    try: g()\n    except Exception: i()\n"
    (tmp_path / "old.py").write_text(more.replace(": h()", ": h()  # noqa: E900"), encoding="utf-8")
    (tmp_path / "new.py").write_text(broad, encoding="utf-8")
    (tmp_path / "new.py.bak").touch()
    found = by_cli(tmp_path)
    assert {(path, code) for path, _, _, code, _ in found} == {
        ("new.py", "E900"),
        ("new.py.bak", "MNT020"),
        ("old.py", "E900"),
    }
    assert found == by_flake8(tmp_path)


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_on_a_real_project(project: Path, tmp_path: Path) -> None:
    if not project.is_dir():
        pytest.skip(f"{project.name} is not part of this installation")
    ignored = shutil.ignore_patterns("__pycache__", "idle_test", "test")
    shutil.copytree(project, tmp_path / project.name, ignore=ignored)
    (tmp_path / "pyproject.toml").touch()
    assert by_cli(tmp_path) == by_flake8(tmp_path)
