"""What an unused plugin costs: the modules it adds by the end of a real session, against ``-p no:maint``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BUDGET = 16
FORBIDDEN = {"coverage", "zmq", "pynvml", "yaml", "torch", "numpy", "scipy", "sklearn", "libcst", "msgspec"}
OURS = {"maint", "pytest_maint"}

SESSION = """
import json, sys
import pytest

code = pytest.main(sys.argv[2:])
with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump({"code": int(code), "modules": sorted(sys.modules)}, file)
"""


def modules_after(root: Path, *arguments: str) -> set[str]:
    """Names in ``sys.modules`` after a whole session in a process of its own."""
    out = root / "modules.json"
    command = [sys.executable, "-c", SESSION, str(out), "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    session = json.loads(out.read_text(encoding="utf-8"))
    assert session["code"] == 0, done.stdout
    return set(session["modules"])


@pytest.fixture
def unused(tmp_path: Path) -> Path:
    """A project that does not use the plugin, though its metadata holds the letters of its name."""
    (tmp_path / "test_one.py").write_text("def test_one():\n    pass\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(
        "[project]\nname = 'x'\nversion = '1'\nmaintainers = [{ name = 'A' }]\n", encoding="utf-8"
    )
    return tmp_path


@pytest.mark.parametrize("mode", [(), ("-n1",)], ids=["serial", "xdist-controller"])
def test_an_unused_plugin_stays_within_its_budget(unused: Path, mode: tuple[str, ...]) -> None:
    added = modules_after(unused, *mode) - modules_after(unused, *mode, "-p", "no:maint")
    assert "pytest_maint.plugin" in added, "the plugin under test was not loaded"
    assert {name.partition(".")[0] for name in added} <= OURS
    assert not {name for name in added if name.partition(".")[0] in FORBIDDEN}
    assert len(added) <= BUDGET, sorted(added)


def test_the_measure_sees_what_a_table_wakes(unused: Path) -> None:
    before = modules_after(unused)
    (unused / "pyproject.toml").write_text("[tool.maint]\nout = 'reports'\n", encoding="utf-8")
    assert "maint.config" in modules_after(unused) - before
