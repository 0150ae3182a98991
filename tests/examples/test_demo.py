"""The demo's project: a history can be built, its tests pass on both branches, and the demo can fail."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def demo() -> ModuleType:
    spec = importlib.util.spec_from_file_location("demo", EXAMPLES / "demo.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def project(demo: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    history: Path = demo.build_history(tmp_path_factory.mktemp("demo") / "stockroom")
    return history


def output(project: Path, *command: str) -> str:
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=True).stdout


def test_the_branch_is_one_commit_a_patch_ahead_of_main(project: Path) -> None:
    patches = list((EXAMPLES / "changes").glob("*.patch"))
    assert len(patches) >= 3
    assert int(output(project, "git", "rev-list", "--count", "main..spring-cleaning")) == len(patches)
    assert output(project, "git", "status", "--porcelain") == ""


@pytest.mark.parametrize("branch", ["main", "spring-cleaning"])
def test_the_example_is_correct_on_both_branches(project: Path, branch: str) -> None:
    output(project, "git", "switch", "--quiet", branch)
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:asyncio", "--benchmark-disable")
    assert "11 passed" in output(project, sys.executable, "-m", "pytest", *options)


def report(verdicts: dict[str, str]) -> str:
    rows = [
        {"name": f"benchmarks/test_stockroom.py::{name}", "status": one} for name, one in verdicts.items()
    ]
    return json.dumps({"benchmarks": rows})


@pytest.mark.parametrize(
    ("changed", "pytest_exit", "code"),
    [
        ({}, 1, 0),
        ({}, 0, 1),
        ({"test_invoice": "INCONCLUSIVE"}, 1, 0),
        ({"test_accept_order": "INCONCLUSIVE"}, 0, 1),
        ({"test_low_stock": "WARNING"}, 1, 1),
        ({"test_accept_order": "WARNING"}, 1, 1),
        ({"test_of_nothing": "NEW"}, 1, 1),
    ],
)
def test_the_demo_succeeds_only_without_a_wrong_verdict(
    demo: ModuleType,
    tmp_path: Path,
    changed: dict[str, str],
    pytest_exit: int,
    code: int,
) -> None:
    (tmp_path / "comparison_report.json").write_text(report(demo.EXPECTED | changed), encoding="utf-8")
    assert demo.judge(pytest_exit, tmp_path) == code


def test_a_gate_that_left_no_report_fails_the_demo(demo: ModuleType, tmp_path: Path) -> None:
    assert demo.judge(4, tmp_path / "nothing") == 1


def test_every_benchmark_of_the_example_has_an_expected_verdict(demo: ModuleType, project: Path) -> None:
    options = ("-q", "--collect-only", "-p", "no:cacheprovider", "-p", "no:asyncio", "benchmarks")
    listed = output(project, sys.executable, "-m", "pytest", *options).splitlines()
    assert {line.rpartition("::")[2] for line in listed if "::" in line} == set(demo.EXPECTED)
