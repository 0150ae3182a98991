"""What git is asked, and what a user is told where git cannot answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from maint import git
from maint.errors import BaselineError
from maint.git import Repository

if TYPE_CHECKING:
    from tests.maint.conftest import Checkout, MakeCheckout


def test_a_repository_is_found_from_a_folder_inside(checkout: Checkout) -> None:
    commit = checkout.commit({"pkg/a.py": ""})
    repository = Repository.open(checkout.top / "pkg")
    assert repository.top == checkout.top
    assert repository.git_dir == checkout.top / ".git"
    assert repository.head() == commit


def test_outside_of_a_repository_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(BaselineError, match="not in a git repository; a baseline needs one"):
        Repository.open(tmp_path)


def test_without_commits_is_one_sentence(checkout: Checkout) -> None:
    with pytest.raises(BaselineError, match="no commits; commit once"):
        Repository.open(checkout.top).head()


def test_without_git_is_one_sentence(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(BaselineError, match="git: not found on PATH; install git"):
        Repository.open(checkout.top)


def test_a_missing_folder_is_not_taken_for_missing_git(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="no such directory"):
        Repository.open(tmp_path / "nowhere")


def test_failure_carries_gits_own_last_words(checkout: Checkout) -> None:
    with pytest.raises(BaselineError, match=r"git rev-parse in .*Needed a single revision; put that right"):
        git.run("rev-parse", "--verify", "nope", cwd=checkout.top)


def test_the_repository_of_an_outer_hook_is_ignored(
    make_checkout: MakeCheckout, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer, inner = make_checkout("outer"), make_checkout("inner")
    outer.commit({"outer.py": ""})
    commit = inner.commit({"inner.py": ""})
    monkeypatch.setenv("GIT_DIR", str(outer.top / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(outer.top))
    monkeypatch.setenv("GIT_INDEX_FILE", str(outer.top / ".git" / "index"))
    repository = Repository.open(inner.top)
    assert (repository.head(), repository.files()) == (commit, ["inner.py"])


def test_an_option_is_no_commit(checkout: Checkout) -> None:
    checkout.commit({"a.py": ""})
    assert Repository.open(checkout.top).commit("--all") is None


@pytest.mark.parametrize(
    ("files", "dirty"),
    [
        ({}, False),
        ({"a.py": "changed"}, True),
        ({"new.py": ""}, True),
        ({".maint/out/report.md": "", "sub/.maint/x": ""}, False),
        ({"pkg/__pycache__/a.cpython-311.pyc": ""}, False),
        ({"pkg/__pycache__/a.cpython-311.pyc": "", "pkg/new.py": ""}, True),
    ],
)
def test_dirty(checkout: Checkout, files: dict[str, str], dirty: bool) -> None:
    checkout.commit({"a.py": ""})
    checkout.write(files)
    assert Repository.open(checkout.top).is_dirty() is dirty


def test_files_are_the_tracked_and_the_untracked_but_not_the_ignored(checkout: Checkout) -> None:
    checkout.commit({"a.py": "", "ö b.py": "", ".gitignore": "*.log\n"})
    checkout.write({"pkg/new.py": "", "x.log": "", "pkg/y.log": ""})
    repository = Repository.open(checkout.top)
    assert repository.files() == [".gitignore", "a.py", "pkg/new.py", "ö b.py"]
    assert repository.ignored(["pkg"]) == ["pkg/y.log"]
    assert repository.ignored([]) == []


def test_a_nested_repository_nobody_added_is_not_entered(
    checkout: Checkout, make_checkout: MakeCheckout
) -> None:
    checkout.commit({"a.py": ""})
    make_checkout(f"{checkout.top.name}/nested").commit({"b.py": ""})
    assert Repository.open(checkout.top).files() == ["a.py"]
