"""Head's benchmarks and what they need drive both sides; the project's own code never does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from maint.baseline import overlay
from maint.baseline.project import Project
from maint.errors import BaselineError

if TYPE_CHECKING:
    from tests.maint.baseline.conftest import Trees
    from tests.maint.conftest import Checkout


def _plan(top: Path, files: dict[str, str], benchmark: str, roots: tuple[str, ...] = (".",)) -> overlay.Plan:
    for name, text in {benchmark: "", **files}.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    return overlay.plan(Project(root=top, benchmark_files=(top / benchmark,)), top, top, roots)


@pytest.mark.parametrize(
    ("place", "files", "roots", "folders"),
    [
        ("tests/perf/test_x.py", {}, (".",), ("tests",)),
        ("bench/test_x.py", {}, (".",), ("bench",)),
        ("testing/benchmark.py", {}, ("src",), ("testing",)),
        ("pkg/testsuite/benchmarks/test_x.py", {"pkg/__init__.py": ""}, (".",), ("pkg/testsuite",)),
        ("pkg/tests/test_x.py", {"pkg/__init__.py": ""}, (".",), ("pkg/tests",)),
        ("pkg/testing/tests/test_x.py", {"pkg/__init__.py": ""}, (".",), ("pkg/testing/tests",)),
        ("src/benchmark/tests/test_x.py", {}, ("src",), ("src/benchmark/tests",)),
        ("bench/tests/test_x.py", {"pyproject.toml": '[project]\nname="Bench"'}, (".",), ("bench/tests",)),
        ("pkg/test_x.py", {"pkg/__init__.py": ""}, (".",), ()),
    ],
)
def test_the_highest_test_folder_that_is_no_product_is_taken_whole(
    tmp_path: Path, place: str, files: dict[str, str], roots: tuple[str, ...], folders: tuple[str, ...]
) -> None:
    assert _plan(tmp_path, files, place, roots).folders == folders


def test_beside_product_code_only_what_looks_like_a_test_is_taken(tmp_path: Path) -> None:
    files = ("conftest.py", "pkg/conftest.py", "pkg/test_other.py", "pkg/bench_data.py", "pkg/core.py")
    chosen = _plan(tmp_path, dict.fromkeys(files, ""), "pkg/test_x.py")
    expected = ("conftest.py", "pkg/bench_data.py", "pkg/conftest.py", "pkg/test_other.py", "pkg/test_x.py")
    assert chosen.files == expected


def test_a_benchmark_outside_of_the_repository_is_refused(tmp_path: Path) -> None:
    project = Project(root=tmp_path / "repo", benchmark_files=(tmp_path / "elsewhere/test_x.py",))
    with pytest.raises(BaselineError, match="benchmarks of the repository only"):
        overlay.plan(project, tmp_path / "repo", tmp_path / "repo", ())


def test_both_sides_run_heads_harness_and_their_own_code(checkout: Checkout, trees: Trees) -> None:
    base = checkout.commit(
        {
            "pkg/__init__.py": "old",
            "tests/test_x.py": "old",
            "tests/test_gone.py": "removed",
            "tests/same.py": "same",
            "helpers/build.py": "old",
            "pytest.ini": "old",
        }
    )
    checkout.git("rm", "--quiet", "tests/test_gone.py")
    new = ("pkg/__init__.py", "tests/test_x.py", "helpers/build.py", "pytest.ini", "conftest.py")
    checkout.write({**dict.fromkeys(new, "new"), "tests/fixture.json": "new"})
    facts = {
        "benchmark_files": (checkout.top / "tests/test_x.py",),
        "ini_file": checkout.top / "pytest.ini",
        "harness": ("helpers/*.py",),
    }
    with trees(base, **facts) as pair:
        tree = pair.baseline.path
        for name in (
            "tests/test_x.py",
            "tests/fixture.json",
            "helpers/build.py",
            "pytest.ini",
            "conftest.py",
        ):
            assert (tree / name).read_text() == "new"
        assert (tree / "pkg/__init__.py").read_text() == "old"
        assert not (tree / "tests/test_gone.py").exists()
        assert pair.harness_changed == {
            "conftest.py": "",
            "helpers/build.py": "old",
            "tests/test_gone.py": "removed",
            "tests/test_x.py": "old",
        }


def test_an_unchanged_harness_says_so(checkout: Checkout, trees: Trees) -> None:
    commit = checkout.commit({"pkg/__init__.py": "old", "tests/test_x.py": "same"})
    checkout.write({"pkg/__init__.py": "new"})
    with trees(commit, benchmark_files=(checkout.top / "tests/test_x.py",)) as pair:
        assert pair.harness_changed == {}
