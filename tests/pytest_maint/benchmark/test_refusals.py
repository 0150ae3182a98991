"""What cannot work is refused before the first test, in one sentence, with exit 4."""

from __future__ import annotations

import subprocess
import sys

import pytest

ONE = "def test_a(benchmark):\n    benchmark(sum, [1])\n"


@pytest.fixture
def one(project):
    project.write({"test_a.py": ONE})
    return project


def expect_refusal(result, *said: str) -> None:
    assert result.code == 4, result.output
    for words in said:
        assert words in result.output
    assert "Traceback" not in result.output
    assert "passed" not in result.output


def test_an_unknown_ref(one) -> None:
    one.commit()
    expect_refusal(one.gate(ref="mian"), "mian", "main")


def test_a_repository_without_commits(one) -> None:
    expect_refusal(one.gate(), "no commits")


def test_a_folder_that_is_no_repository(one) -> None:
    (one.root / ".git").rename(one.root / "not-git")
    expect_refusal(one.gate(), "not in a git repository")


def test_a_blocked_pytest_benchmark(one) -> None:
    one.commit()
    expect_refusal(one.gate("-p", "no:benchmark"), "-p no:benchmark")


def test_a_shallow_clone_without_the_merge_base(one, tmp_path) -> None:
    one.commit("one")
    one.commit("two", branch="head")
    one.git("checkout", "--quiet", "main")
    one.commit("three")
    clone = tmp_path / "clone"
    one.git("clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{one.root}", str(clone))
    one.root = clone
    one.git("checkout", "--quiet", "head")
    expect_refusal(one.gate(ref="origin/main"), "fetch-depth: 0")


def test_thresholds_the_wrong_way_round(one) -> None:
    one.commit()
    expect_refusal(
        one.gate("--maint-warning=0.5", "--maint-critical=0.2"), "--maint-warning", "--maint-critical"
    )


def test_modes_that_exclude_each_other(one) -> None:
    one.commit()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--maint-baseline=main", "--maint-selftest=main"],
        cwd=one.root,
        capture_output=True,
        text=True,
        env=one.environment(),
    )
    assert done.returncode == 4
    assert "exclude each other" in done.stdout + done.stderr
