"""The action and the workflows: valid, safe in zizmor's eyes, and their steps do what they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
ACTION = ROOT / "action.yml"
WORKFLOWS = [
    *sorted((ROOT / ".github/workflows").glob("*.yml")),
    *sorted((ROOT / "examples/github").glob("*.yml")),
]
SAME_REPOSITORY = "github.event.pull_request.head.repo.full_name == github.repository"
TOOLS = Path(sys.executable).parent


def steps() -> dict[str, dict[str, Any]]:
    loaded = yaml.safe_load(ACTION.read_text("utf-8"))
    return {step["name"]: step for step in loaded["runs"]["steps"]}


def run_step(
    name: str, project: Path, **environment: str
) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """Run a step's script as GitHub does, and what it put out."""
    output = project / "step-output"
    output.write_text("")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", steps()[name]["run"]],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        env={
            "PATH": os.environ["PATH"],
            "MAINT_PYTHON": sys.executable,
            "MAINT_OUT": ".maint/out",
            "MAINT_BASELINE": "",
            "MAINT_PYTEST_ARGS": "",
            "GITHUB_OUTPUT": str(output),
            **environment,
        },
    )
    return done, dict(line.split("=", 1) for line in output.read_text().splitlines())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "test_a.py").write_text("def test_good(): pass\ndef test_bad(): assert 0\n")
    return tmp_path


def test_the_action_is_valid() -> None:
    argv = [TOOLS / "check-jsonschema", "--builtin-schema", "vendor.github-actions", ACTION]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflows_are_valid() -> None:
    argv = [TOOLS / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)

    assert len(WORKFLOWS) >= 2
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing() -> None:
    argv = [TOOLS / "zizmor", "--offline", "--no-progress", "--no-config", ACTION, *WORKFLOWS]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflow_of_the_page_is_as_safe(tmp_path: Path) -> None:
    page = (ROOT / "docs/how-to/github-actions.md").read_text("utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    workflow = tmp_path / "benchmarks.yml"
    workflow.write_text(text, "utf-8")
    for argv in (
        [TOOLS / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", workflow],
        [TOOLS / "zizmor", "--offline", "--no-progress", "--no-config", workflow],
    ):
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_would_find_an_expression_in_a_script(tmp_path: Path) -> None:
    bad = tmp_path / "action.yml"
    bad.write_text(ACTION.read_text("utf-8").replace('"$MAINT_PULL_REQUEST"', '"${{ github.head_ref }}"'))
    argv = [TOOLS / "zizmor", "--offline", "--no-progress", "--no-config", bad]

    assert subprocess.run(argv, capture_output=True, check=False).returncode != 0


def test_other_peoples_actions_are_pinned_to_a_commit() -> None:
    uses = [
        found
        for path in (ACTION, *WORKFLOWS)
        for found in re.findall(r"uses: (\S+)", path.read_text("utf-8"))
    ]

    assert len(uses) >= 5
    assert [one for one in uses if one != "./" and not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one)] == []


def test_no_step_with_a_token_runs_for_a_fork() -> None:
    with_token = [step for step in steps().values() if "inputs.token" in str(step)]

    assert len(with_token) == 3
    for step in with_token:
        only_default_branch = "github.event_name != 'pull_request' &&" in step["if"]
        assert SAME_REPOSITORY in step["if"] or only_default_branch


def test_a_red_run_is_reported_and_passed_on(project: Path) -> None:
    done, output = run_step(
        "Run the guardrails", project, MAINT_PYTEST_ARGS="-p no:cacheprovider -k 'bad or good'"
    )

    assert done.returncode == 0, done.stderr
    assert output == {"exit-code": "1", "sarif": "true", "markdown": "true", "findings": "true"}
    assert "1 failed, 1 passed" in done.stdout
    passed_on, _ = run_step("Pass the result on", project, MAINT_EXIT_CODE=output["exit-code"])
    assert passed_on.returncode == 1


def test_a_run_without_a_report_says_so(project: Path) -> None:
    _, output = run_step("Run the guardrails", project, MAINT_PYTEST_ARGS="--no-such-option")

    assert output == {"exit-code": "4", "sarif": "false", "markdown": "false", "findings": "false"}


def test_a_run_without_a_report_does_not_pass_an_old_one_on(project: Path) -> None:
    assert run_step("Run the guardrails", project)[1]["findings"] == "true"
    (project / ".maint/out/mine.txt").write_text("")
    _, output = run_step("Run the guardrails", project, MAINT_PYTEST_ARGS="--no-such-option")

    assert output == {"exit-code": "4", "sarif": "false", "markdown": "false", "findings": "false"}
    assert [path.name for path in (project / ".maint/out").iterdir() if path.name[0] != "."] == ["mine.txt"]


@pytest.mark.parametrize(
    ("given", "more", "said"),
    [("", "", ""), ("-q", "", "-q"), ("", "-x", "-x"), ("-q", "-x", "-q -x")],
)
def test_the_options_of_both_reach_pytest(project: Path, given: str, more: str, said: str) -> None:
    environment = {"PYTEST_ADDOPTS": given} if given else {}
    (project / "conftest.py").write_text(
        "import os\nopen('options', 'w').write(os.environ['PYTEST_ADDOPTS'])\n"
    )
    run_step("Run the guardrails", project, MAINT_PYTEST_ARGS=more, **environment)

    assert (project / "options").read_text() == said + " " * (given != "" and more == "")


def test_a_hostile_branch_name_is_a_branch_name(project: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)
    name = "$(touch pwned)`touch pwned`;touch pwned"
    done, output = run_step("Run the guardrails", project, MAINT_BASELINE=name)

    assert output["exit-code"] == "4"
    assert "Traceback" not in done.stderr
    assert not (project / "pwned").exists()


def test_where_the_guardrails_did_not_run_the_result_is_red(project: Path) -> None:
    done, _ = run_step("Pass the result on", project, MAINT_EXIT_CODE="")

    assert done.returncode == 1


@pytest.mark.parametrize(
    "name", ["Bring the comment on the pull request up to date", "Keep the meta-issues true"]
)
def test_a_missing_token_is_a_sentence_and_not_green(project: Path, name: str) -> None:
    out = project / ".maint" / "out"
    out.mkdir(parents=True)
    (out / "report.md").write_text("# red")
    (out / "findings.json").write_text('{"schema": "maint.findings/2", "runs": [], "findings": []}')
    done, _ = run_step(
        name, project, GITHUB_TOKEN="", GITHUB_REPOSITORY="octocat/stockroom", MAINT_PULL_REQUEST="7"
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("maint: GITHUB_TOKEN is not set; ")
    assert done.stderr.count("\n") == 1
