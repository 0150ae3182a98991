"""A project with some 300 failures, its real reports, and ``maint issues`` on a server that is not ours."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from maint.cli.main import CLEAN, USAGE, main
from maint.forge.github_clock import RealClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from maint.forge.github import GitHubForge
    from tests.maint.forge.conftest import Request, Server, World

PART = "import os, sys\ndef f(x):\n    return x+1\ntry:\n  pass\nexcept:\n  pass\n"
FIXTURE = "import pytest\n@pytest.fixture\ndef database():\n    raise ConnectionError('no database')\n"
ROWS = "import pytest\n@pytest.mark.parametrize('n', range(200))\ndef test_row(database, n): assert n\n"
TESTS = (
    "from stock.part{0} import f\ndef test_one():\n    assert f(1) == {0}\ndef test_two():\n    {{}}['two']\n"
)
REPORTS = ["findings.json", "flake8.txt", "coverage/findings.json"]
APPLY = ["issues", "apply", *REPORTS, "--forge", "github"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 errors of one fixture, 40 failures of two kinds, flake8's lines, and coverage under its minimum."""
    root = tmp_path_factory.mktemp("stock")
    files = {
        "pyproject.toml": "[tool.pytest.ini_options]\ntestpaths = ['tests']\n",
        "tests/conftest.py": FIXTURE,
    }
    files["tests/test_database.py"] = ROWS
    for number in range(10, 30):
        files[f"stock/part{number}.py"] = PART
        files[f"tests/test_part{number}.py"] = TESTS.format(number)
    for name, text in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    python = [sys.executable, "-m"]
    pytest_run = [
        *(*python, "coverage", "run", "--source=stock"),
        "-m",
        "pytest",
        "-q",
        "--tb=no",
        "-p",
        "no:cacheprovider",
        "--maint-report",
        "--maint-out=.",
    ]
    assert subprocess.run(pytest_run, cwd=root, capture_output=True, check=False).returncode == 1
    flake8 = subprocess.run([*python, "flake8", "stock"], cwd=root, capture_output=True, check=False)
    (root / "flake8.txt").write_bytes(flake8.stdout)
    check = [*python, "maint", "coverage", "check", "--min=99", "--out=coverage"]
    assert subprocess.run(check, cwd=root, capture_output=True, check=False).returncode == 1
    return root


@pytest.fixture
def on_github(
    project: Path, token: str, repository: str, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """Stands in the project, with the environment of a workflow on the given server."""

    def stand(api: str) -> None:
        monkeypatch.setenv("GITHUB_TOKEN", token)
        monkeypatch.setenv("GITHUB_REPOSITORY", repository)
        monkeypatch.setenv("GITHUB_API_URL", api)
        monkeypatch.delenv("GITHUB_SERVER_URL", raising=False)
        monkeypatch.chdir(project)

    monkeypatch.setattr(RealClock, "sleep", lambda self, seconds: None)
    return stand


def test_300_failures_are_a_few_issues_and_the_next_run_writes_nothing(
    emulated: Server,
    on_github: Callable[[str], None],
    make_forge: Callable[[Server], GitHubForge],
) -> None:
    on_github(emulated.url)
    assert main(["issues", "plan", *APPLY[2:]]) == CLEAN
    assert emulated.requests("POST", "PATCH") == []

    assert main(APPLY) == CLEAN
    issues = make_forge(emulated).managed()
    assert 5 <= len(issues) <= 15
    assert sum("COV010" in issue.body for issue in issues) == 1
    assert sum("no database" in issue.body or "ConnectionError" in issue.body for issue in issues) == 1
    assert all(issue.labels and len(issue.body) < 65_536 for issue in issues)

    writes = len(emulated.requests("POST", "PATCH"))
    assert main(APPLY) == CLEAN
    assert len(emulated.requests("POST", "PATCH")) == writes


@pytest.mark.parametrize("write", [1, 3, 5])
def test_killed_between_two_writes_the_next_run_goes_on(
    world: World, on_github: Callable[[str], None], project: Path, write: int
) -> None:
    on_github(world.server.url)
    # one write a second in earnest would make this test wait
    hurry = "import maint.forge.github_clock as clock; clock.WRITE_INTERVAL_S = 0.0"
    code = f"{hurry}; from maint.cli.main import main; main({APPLY!r})"
    with subprocess.Popen([sys.executable, "-c", code], env=os.environ) as reporter:

        def kill(request: Request) -> None:
            if len(world.server.requests("POST", "PATCH")) == write:
                reporter.send_signal(signal.SIGKILL)

        world.server.after_effect = kill
        assert reporter.wait(60) == -signal.SIGKILL
    world.server.settle()
    world.server.after_effect = lambda request: None
    assert 0 < len(world.server.requests("POST")) < 10
    before = len(world.github.issues)

    assert main(APPLY) == CLEAN
    marks = [one["body"].splitlines()[0] for one in world.github.issues.values()]
    assert len(marks) == len(set(marks)) > before


def test_a_token_that_may_only_read_is_one_sentence(
    world: World, on_github: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    on_github(world.server.url)
    world.server.faults.extend(["403"] * 9)

    assert main(APPLY) == USAGE
    error = capsys.readouterr().err
    assert "octocat/stockroom: the token may not write issues" in error
    assert "give it `issues: write`" in error
    assert error.count("\n") == 1
