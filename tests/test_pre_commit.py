"""The hooks in a real pre-commit run: installed from this repository, on another one."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from maint.cli.main import main

ROOT = Path(__file__).parents[1]
OUT_OF_REACH = re.compile(
    r"No matching distribution|Could not find a version|Max retries|Name or service", re.I
)
TIMEOUT_S = 300

PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
FOUND = {
    "maint-lint": "shop/core.py:3:1: E900 ",
    "maint-backup-files": "shop/core.py.bak:1:1: MNT020 ",
    "maint-ports": "shop/net.py:1:",
    "maint-todo": "shop/later.py:1:3: MNT040 ",
}

DIRTY = {
    "shop/__init__.py": "",
    "shop/core.py": "try:\n    f()\nexcept Exception:\n    print()\n",
    "shop/core.py.bak": "",
    "shop/net.py": "sock.bind(('', 8080))\n",
    "shop/later.py": "# TODO: tidy up\n",
}
CLEAN = {
    "shop/core.py": "try:\n    f()\nexcept ValueError:\n    print()\n",
    "shop/net.py": "sock.bind(('', get_port('shop')))\n",
    "shop/later.py": "# TODO SHOP-12: tidy up\n",
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "GIT_", "COV_"))
    }
    return kept | {
        "PRE_COMMIT_HOME": str(tmp_path_factory.mktemp("pre-commit")),
        "GIT_CONFIG_GLOBAL": os.devnull,
        **{
            f"GIT_{who}_{what}": "a@example.org"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        },
    }


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """This working tree as a repository with a commit: try-repo takes no file that git does not know."""
    copy = tmp_path_factory.mktemp("hooks") / "pytest-maint"
    listed = run(["git", "ls-files", "-z", "-co", "--exclude-standard"], ROOT, environment).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    commit(copy, environment)
    return copy


def run(argv: list[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )


def commit(folder: Path, environment: dict[str, str]) -> None:
    if not (folder / ".git").exists():
        run(["git", "init", "--quiet"], folder, environment)
    run(["git", "add", "--all"], folder, environment)
    assert run(["git", "commit", "--quiet", "-m", "x"], folder, environment).returncode == 0


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def statuses(output: str) -> dict[str, str]:
    """Hook name -> Passed, Failed or Skipped."""
    return dict(re.findall(r"^(maint[\w ]*?)\.{3,}.*?(Passed|Failed|Skipped)$", output, re.MULTILINE))


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_what_a_hook_runs_fails_on_its_defect_and_passes_without(
    hook: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    program, *arguments = shlex.split(hook["entry"])
    assert program == "maint"
    write(tmp_path, DIRTY)
    files = sorted(CLEAN) if hook.get("pass_filenames", True) else []
    assert main([*arguments, *files]) == 1
    assert FOUND[hook["id"]] in capsys.readouterr().out
    write(tmp_path, CLEAN)
    (tmp_path / "shop/core.py.bak").unlink()
    assert main([*arguments, *files]) == 0


def test_a_hook_with_file_names_is_started_once_and_a_project_hook_gets_none() -> None:
    by_id = {hook["id"]: hook for hook in HOOKS}
    assert set(by_id) == set(FOUND)
    assert by_id.pop("maint-lint")["require_serial"] is True
    assert [hook["pass_filenames"] for hook in by_id.values()] == [False, False, False]


def test_pre_commit_installs_and_runs_every_hook(
    hooks: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    if shutil.which("pre-commit", path=PATH) is None:
        pytest.skip("pre-commit is not installed")
    project = tmp_path / "project with space"
    write(project, DIRTY)
    commit(project, environment)
    command = ["pre-commit", "try-repo", str(hooks), "--all-files", "--verbose", "--color=never"]
    done = run(command, project, environment | {"PATH": PATH})
    if OUT_OF_REACH.search(done.stdout + done.stderr):
        pytest.skip("the package index is out of reach, so pre-commit cannot install the hooks")
    failed = dict.fromkeys((hook["name"] for hook in HOOKS), "Failed")
    assert statuses(done.stdout) == failed, done.stdout + done.stderr
    assert [found for found in FOUND.values() if found not in done.stdout] == []
    assert not run(["git", "status", "--porcelain"], project, environment).stdout
