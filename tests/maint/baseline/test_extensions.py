"""Built files: reused, built on both sides, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from maint.errors import BaselineError

if TYPE_CHECKING:
    from tests.maint.baseline.conftest import Trees
    from tests.maint.conftest import Checkout

_PROJECT = {
    "pkg/__init__.py": "",
    "pkg/fast.c": "1",
    ".gitignore": "*.so\n_version.py\n*.pyc\n/build/\nx.c\n",
}


def _built(checkout: Checkout) -> None:
    checkout.write({"pkg/fast.so": "binary", "pkg/_version.py": "1", "pkg/old.pyc": "", "pkg/x.c": ""})


def test_generated_files_and_extensions_are_given_to_both_sides(checkout: Checkout, trees: Trees) -> None:
    commit = checkout.commit(_PROJECT)
    _built(checkout)
    checkout.write({"pkg/__init__.py": "new", "README": "new"})
    with trees(commit) as pair:
        for tree in (pair.baseline.path, pair.head.path):
            present = {path.name for path in (tree / "pkg").iterdir()}
            assert present == {"__init__.py", "fast.c", "fast.so", "_version.py"}
        assert pair.notes == (
            "not in git, so head's on both sides: pkg/_version.py",
            "compiled extension modules: head's build on both sides (1)",
        )


@pytest.mark.parametrize(
    "change",
    [
        {"pkg/fast.c": "2"},
        {"pkg/fast.py": "mypyc and cython compile this"},
        {"pkg/new.pyx": ""},
        {"meson.build": ""},
        {"pyproject.toml": '[build-system]\nrequires = ["cython>3"]'},
    ],
)
def test_changed_sources_without_a_build_command_are_refused(
    checkout: Checkout, trees: Trees, change: dict[str, str]
) -> None:
    commit = checkout.commit(_PROJECT)
    _built(checkout)
    checkout.write(change)
    expected = rf'{next(iter(change))}: differs .*pkg/fast.so cannot serve both; set build = "..."'
    with pytest.raises(BaselineError, match=expected), trees(commit):
        pass


def test_a_changed_version_is_no_changed_source(checkout: Checkout, trees: Trees) -> None:
    commit = checkout.commit(_PROJECT | {"pyproject.toml": '[project]\nversion = "1"'})
    _built(checkout)
    checkout.write({"pyproject.toml": '[project]\nversion = "2"'})
    with trees(commit) as pair:
        assert (pair.baseline.path / "pkg/fast.so").exists()


def test_a_build_command_runs_on_each_side(checkout: Checkout, trees: Trees) -> None:
    script = "import shutil; shutil.copy('pkg/fast.c', 'pkg/fast.so')"
    commit = checkout.commit(_PROJECT | {"make it.py": script})
    _built(checkout)
    checkout.write({"pkg/fast.c": "2"})
    with trees(commit, build='python "make it.py"') as pair:
        assert (pair.baseline.path / "pkg/fast.so").read_text() == "1"
        assert (pair.head.path / "pkg/fast.so").read_text() == "2"
        assert pair.notes[-1] == 'compiled extension modules: built on each side (python "make it.py")'


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (
            "python -c 'import sys; sys.exit(\"no compiler\")'",
            "failed on baseline, no compiler; make it build",
        ),
        ("no-such-program --x", "no such program"),
        ("", "no such program"),
    ],
)
def test_a_build_that_fails_is_one_sentence(checkout: Checkout, trees: Trees, build: str, words: str) -> None:
    commit = checkout.commit(_PROJECT)
    with pytest.raises(BaselineError, match=words), trees(commit, build=build):
        pass


def test_files_of_a_build_folder_or_an_install_take_their_place_in_the_tree(
    checkout: Checkout, trees: Trees, tmp_path: Path
) -> None:
    commit = checkout.commit(
        {"src/pkg/sub/__init__.py": "", "src/pkg/__init__.py": "", ".gitignore": "/build\n"}
    )
    checkout.write({"build/deep/_fast.so": "binary"})
    site = tmp_path / "site-packages/pkg"
    site.mkdir(parents=True)
    for name in ("generated.py", "__init__.py", "top.abi3.so"):
        (site / name).write_text("installed")
    modules = {
        "pkg": str(site / "__init__.py"),
        "pkg.sub._fast": str(checkout.top / "build/deep/_fast.so"),
        "pkg.generated": str(site / "generated.py"),
        "pkg.top": str(site / "top.abi3.so"),
    }
    with trees(commit, modules=modules) as pair:
        for tree in (pair.baseline.path, pair.head.path):
            assert (tree / "src/pkg/sub/_fast.so").read_text() == "binary"
            assert (tree / "src/pkg/generated.py").read_text() == "installed"
            assert (tree / "src/pkg/top.abi3.so").read_text() == "installed"
            assert (tree / "src/pkg/__init__.py").read_text() == ""


def test_an_installed_copy_does_not_bring_back_what_head_removed(
    checkout: Checkout, trees: Trees, tmp_path: Path
) -> None:
    commit = checkout.commit({"pkg/__init__.py": "", "pkg/old.py": "baseline"})
    checkout.git("rm", "--quiet", "pkg/old.py")
    site = tmp_path / "site-packages/pkg"
    site.mkdir(parents=True)
    (site / "old.py").write_text("installed")
    with trees(commit, modules={"pkg.old": str(site / "old.py")}) as pair:
        assert not (pair.head.path / "pkg/old.py").exists()
        assert (pair.baseline.path / "pkg/old.py").read_text() == "baseline"
