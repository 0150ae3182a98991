"""The two trees: what is in them, where they are and that nothing stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from maint.baseline import lock
from maint.baseline.project import Project
from maint.baseline.trees import prepare
from maint.errors import BaselineError
from maint.git import Repository

if TYPE_CHECKING:
    from tests.maint.baseline.conftest import Trees
    from tests.maint.conftest import Checkout, MakeCheckout


def _left_behind(checkout: Checkout) -> list[str]:
    cache = Path(os.environ["XDG_CACHE_HOME"])
    files = [str(p.relative_to(cache)) for p in cache.rglob("*") if p != cache / "pytest-maint"]
    entries = checkout.git("worktree", "list", "--porcelain").count("worktree ")
    return sorted(set(files) - {"pytest-maint/trees"}) + [f"worktrees: {entries}"] * (entries > 1)


def test_each_side_has_its_own_version(checkout: Checkout, trees: Trees) -> None:
    base = checkout.commit({"pkg/__init__.py": "old", "gone.py": "", "kept ö.py": "same"})
    checkout.git("rm", "--quiet", "gone.py")
    checkout.commit({"pkg/__init__.py": "new"})
    checkout.write({"pkg/__init__.py": "dirty", "pkg/untracked.py": "", "pkg/__pycache__/a.pyc": ""})
    (checkout.top / "kept ö.py").unlink()
    with trees(base) as pair:
        b, h = pair.baseline.path, pair.head.path
        assert (b / "pkg/__init__.py").read_text() == "old"
        assert (h / "pkg/__init__.py").read_text() == "dirty"
        assert {p.name for p in b.iterdir()} == {".git", "pkg", "gone.py", "kept ö.py"}
        assert {p.name for p in h.rglob("*")} == {"pkg", "__init__.py", "untracked.py"}
        assert len(str(b)) == len(str(h))
        assert not b.is_relative_to(checkout.top)
        assert not h.is_relative_to(checkout.top)
    assert _left_behind(checkout) == []


def test_forbidden_are_the_users_tree_and_the_other_side(checkout: Checkout, trees: Trees) -> None:
    with trees(checkout.commit({"pkg/__init__.py": ""})) as pair:
        assert pair.baseline.forbidden == (str(checkout.top), str(pair.head.path))
        assert pair.head.forbidden == (str(checkout.top), str(pair.baseline.path))
        assert pair.head.names == pair.baseline.names == ("pkg",)
        assert pair.head.import_roots == (str(pair.head.path),)


def test_a_rootdir_below_the_top_keeps_its_place(checkout: Checkout, make_checkout: MakeCheckout) -> None:
    commit = checkout.commit({"lib/pkg/__init__.py": "", "other/x.py": ""})
    link = checkout.top.parent / "link"
    link.symlink_to(checkout.top)
    project = Project(root=link / "lib")
    with prepare(project, Repository.open(checkout.top), commit) as pair:
        assert pair.head.root == pair.head.path / "lib"
        assert pair.head.import_roots == (str(pair.head.root),)
        assert (pair.baseline.path / "other/x.py").exists()


def test_paths_are_mapped_but_not_those_of_environments(checkout: Checkout, trees: Trees) -> None:
    commit = checkout.commit({"src/pkg/__init__.py": "", ".gitignore": "venv\n"})
    checkout.write({"venv/pyvenv.cfg": "", "venv/lib/site-packages/x.py": ""})
    with trees(commit) as pair:
        site = str(checkout.top / "venv/lib/site-packages")
        own = [str(checkout.top / "src"), site, "/usr/lib", "__editable__.x.__path_hook__"]
        mapped = [str(pair.baseline.path / "src"), site, "/usr/lib", "__editable__.x.__path_hook__"]
        assert pair.baseline.sys_path(own) == mapped


def test_selftest_is_the_baseline_twice(checkout: Checkout, trees: Trees) -> None:
    base = checkout.commit({"a.py": "old", "tests/test_a.py": "old"})
    checkout.commit({"a.py": "new", "tests/test_a.py": "new"})
    with trees(base, selftest=True, benchmark_files=(checkout.top / "tests/test_a.py",)) as pair:
        for tree in (pair.baseline, pair.head):
            assert (tree.path / "a.py").read_text() == "old"
            assert (tree.path / "tests/test_a.py").read_text() == "new"


@pytest.mark.parametrize("store", ["absorbed", "in its own folder"])
def test_submodules_come_from_the_local_store(
    checkout: Checkout, make_checkout: MakeCheckout, trees: Trees, store: str
) -> None:
    nested, library = make_checkout("nested"), make_checkout("library")
    nested.commit({"deep.py": "deep"})
    library.git("submodule", "--quiet", "add", str(nested.top), "inside")
    library.commit({"lib.py": "old"})
    if store == "in its own folder":
        checkout.git("clone", "--quiet", str(library.top), "vendor/lib")
    checkout.git("submodule", "--quiet", "add", str(library.top), "vendor/lib")
    checkout.git("submodule", "--quiet", "update", "--init", "--recursive")
    base = checkout.commit({"a.py": ""})
    library.commit({"lib.py": "new"})
    checkout.git("-C", "vendor/lib", "pull", "--quiet")
    checkout.commit({})
    checkout.write({"vendor/lib/untracked.py": ""})
    before = checkout.git("status", "--porcelain")
    with trees(base) as pair:
        assert (pair.baseline.path / "vendor/lib/lib.py").read_text() == "old"
        assert (pair.head.path / "vendor/lib/lib.py").read_text() == "new"
        assert (pair.head.path / "vendor/lib/untracked.py").exists()
        for tree in (pair.baseline, pair.head):
            assert (tree.path / "vendor/lib/inside/deep.py").read_text() == "deep"
        assert pair.notes == ()
    assert checkout.git("status", "--porcelain") == before
    assert _left_behind(checkout) == []


def test_a_submodule_that_is_not_here_is_a_note(
    checkout: Checkout, make_checkout: MakeCheckout, trees: Trees
) -> None:
    library = make_checkout("library")
    library.commit({"lib.py": ""})
    checkout.git("submodule", "--quiet", "add", str(library.top), "lib")
    commit = checkout.commit({})
    checkout.git("submodule", "deinit", "--force", "lib")
    checkout.git("rm", "-r", "--quiet", "--cached", "lib")
    lock.remove_tree(checkout.top / ".git/modules")
    with trees(commit) as pair:
        assert "submodule lib" in pair.notes[0]
        assert "left empty" in pair.notes[0]


def test_a_package_in_a_folder_of_another_name_is_linked(checkout: Checkout, trees: Trees) -> None:
    text = '[tool.setuptools.package-dir]\n"pkg.part" = "lib/code"\n"away" = "../.."\n"gone" = "none"'
    commit = checkout.commit({"pyproject.toml": text, "lib/code/__init__.py": "old"})
    with trees(commit) as pair:
        for tree in (pair.baseline, pair.head):
            links = tree.path / ".maint-roots"
            assert tree.import_roots[0] == str(links)
            assert (links / "pkg/part").resolve() == tree.path / "lib/code"
            assert {path.name for path in links.rglob("*")} == {"pkg", "part"}


def test_links_into_the_users_tree_stay_inside_the_copy(checkout: Checkout, trees: Trees) -> None:
    checkout.write({"real/x.py": "", "outside.txt": ""})
    (checkout.top / "absolute").symlink_to(checkout.top / "real")
    (checkout.top / "relative").symlink_to("real/x.py")
    (checkout.top / "away").symlink_to("../library")
    with trees(checkout.commit({})) as pair:
        for tree in (pair.baseline.path, pair.head.path):
            assert (tree / "absolute").resolve() == tree / "real"
            assert (tree / "relative").resolve() == tree / "real/x.py"
            assert (tree / "away").readlink() == checkout.top.parent / "library"


def test_no_hook_of_the_users_runs(checkout: Checkout, trees: Trees, tmp_path: Path) -> None:
    commit = checkout.commit({"a.py": ""})
    hook = checkout.top / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\n")
    hook.chmod(0o755)
    with trees(commit):
        pass
    assert not (tmp_path / "ran").exists()


def test_lfs_files_come_from_the_local_store_only(checkout: Checkout, trees: Trees) -> None:
    oid = "ab" + "c" * 62
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 4\n"
    rules = "*.bin filter=lfs diff=lfs merge=lfs -text\n"
    commit = checkout.commit(
        {"x.bin": pointer, "y.bin": pointer.replace("ab", "00"), ".gitattributes": rules}
    )
    stored = checkout.top / ".git/lfs/objects/ab/cc" / oid
    stored.parent.mkdir(parents=True)
    stored.write_text("data")
    with trees(commit) as pair:
        assert (pair.baseline.path / "x.bin").read_text() == "data"
        assert (pair.baseline.path / "y.bin").read_text().startswith("version")


def test_an_environment_nobody_ignored_is_not_copied(checkout: Checkout, trees: Trees) -> None:
    commit = checkout.commit({"a.py": ""})
    checkout.write({"env/pyvenv.cfg": "", "env/lib/x.py": "", "envy.py": "", ".maint/out/report.md": ""})
    with trees(commit) as pair:
        assert {p.name for p in pair.head.path.iterdir()} == {"a.py", "envy.py"}


def test_data_is_copied_to_both_sides_on_request(checkout: Checkout, trees: Trees) -> None:
    commit = checkout.commit({"a.py": "", ".gitignore": "data/\n"})
    checkout.write({"data/deep/x.json": "1", "data/y.json": "2"})
    with trees(commit, copy=("data/**",)) as pair:
        for tree in (pair.baseline.path, pair.head.path):
            assert (tree / "data/deep/x.json").read_text() == "1"
            assert (tree / "data/y.json").read_text() == "2"
    with pytest.raises(BaselineError, match="leads out of"), trees(commit, copy=("../x",)):
        pass
    assert _left_behind(checkout) == []


def test_two_at_once_have_trees_of_their_own(checkout: Checkout, trees: Trees) -> None:
    commit = checkout.commit({"a.py": ""})
    with trees(commit) as one:
        with trees(commit) as two:
            assert one.baseline.path != two.baseline.path
            assert (one.baseline.path / "a.py").exists()
        assert (one.baseline.path / "a.py").exists()
    assert _left_behind(checkout) == []


_CHILD = """
    import sys
    from pathlib import Path
    from maint.baseline.project import Project
    from maint.baseline.trees import prepare
    from maint.git import Repository

    top, commit = Path(sys.argv[1]), sys.argv[2]
    with prepare(Project(root=top), Repository.open(top), commit) as pair:
        print(pair.baseline.path, flush=True)
        sys.stdin.read()
"""


@contextmanager
def _running(checkout: Checkout, commit: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    argv = [sys.executable, "-c", textwrap.dedent(_CHILD), str(checkout.top), commit]
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(argv, text=True, **streams) as process:
        assert process.stdout is not None
        yield process, Path(process.stdout.readline().strip())
        process.stdin.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_leaves_nothing_behind(checkout: Checkout, number: signal.Signals) -> None:
    commit = checkout.commit({"a.py": ""})
    with _running(checkout, commit) as (process, tree):
        assert (tree / "a.py").exists()
        process.send_signal(number)
        process.wait()
    assert process.returncode != 0
    assert _left_behind(checkout) == []


def test_what_a_killed_run_left_is_pruned_by_the_next(checkout: Checkout, trees: Trees) -> None:
    commit = checkout.commit({"a.py": ""})
    with _running(checkout, commit) as (process, tree):
        process.kill()
        process.wait()
    assert (tree / "a.py").exists()
    with trees(checkout.commit({"a.py": "another"})):
        assert not tree.parent.exists()
        assert checkout.git("worktree", "list").count("\n") == 1
    assert _left_behind(checkout) == []


def test_an_entry_whose_folder_is_gone_is_pruned_but_no_entry_of_the_users(
    checkout: Checkout, trees: Trees, tmp_path: Path
) -> None:
    commit = checkout.commit({"a.py": ""})
    checkout.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "unmounted"))
    (tmp_path / "unmounted").rename(tmp_path / "elsewhere")
    with _running(checkout, commit) as (process, tree):
        process.kill()
        process.wait()
    lock.remove_tree(tree.parent)
    with trees(commit):
        pass
    assert checkout.git("worktree", "list").count("\n") == 1
    assert "unmounted" in checkout.git("worktree", "list")


def test_a_living_process_is_left_alone(checkout: Checkout, trees: Trees) -> None:
    commit = checkout.commit({"a.py": ""})
    with _running(checkout, commit) as (process, tree):
        with trees(commit) as pair:
            assert pair.baseline.path != tree
        assert (tree / "a.py").exists()
    assert process.returncode == 0
    assert _left_behind(checkout) == []


def test_changed_dependencies_are_said(checkout: Checkout, trees: Trees) -> None:
    base = checkout.commit({"pyproject.toml": '[project]\nname = "p"\ndependencies = ["a>=1"]\n'})
    checkout.write({"pyproject.toml": '[project]\nname = "p"\ndependencies = ["a>=2"]\n'})
    with trees(base) as pair:
        assert pair.notes == ("deps: head's on both sides (declared differently: pyproject.toml)",)
