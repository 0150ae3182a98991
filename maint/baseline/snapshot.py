"""The two copies: head's working tree as it is, and a commit checked out beside it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from maint.git import Repository, run, split

_LFS_POINTER = b"version https://git-lfs.github.com/spec/"


def copy_working_tree(repository: Repository, destination: Path) -> None:
    """Copy what git would see of the working tree: dirty and untracked files and submodules' files too.

    Bytecode, virtual environments nobody ignored and ``.maint/`` are left out; symbolic links stay links.
    """
    destination.mkdir(parents=True, exist_ok=True)
    for name in _wanted(repository.files()):
        copy_entry(repository.top / name, destination / name, repository.top)
    for name in repository.submodules():
        # Without its own `.git` the folder would resolve to the outer repository again.
        if (repository.top / name / ".git").exists():
            copy_working_tree(Repository.open(repository.top / name), destination / name)


def _wanted(names: Iterable[str]) -> Iterator[str]:
    names = list(names)
    marker = "/pyvenv.cfg"
    environments = tuple(name.removesuffix("pyvenv.cfg") for name in names if name.endswith(marker))
    for name in names:
        parts = PurePosixPath(name).parts
        if "__pycache__" not in parts and ".maint" not in parts and not name.startswith(environments):
            yield name


def copy_entry(source: Path, target: Path, top: Path) -> None:
    """Copy a file or link, replacing ``target``; a source that is gone copies as nothing.

    A link that leads into ``top`` leads to the same place of the copy, any other one where it led before.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_symlink():
        target.unlink(missing_ok=True)
        target.symlink_to(_same_place(source, str(source.readlink()), top))
    elif source.is_file():
        # A read-only target could not be opened for writing.
        target.unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            shutil.copy2(source, target)


def _same_place(link: Path, leads_to: str, top: Path) -> str:
    absolute = Path(os.path.normpath(link.parent / leads_to))
    if absolute.is_relative_to(top):
        return os.path.relpath(absolute, link.parent)
    return str(absolute)


def check_out(repository: Repository, commit: str, destination: Path) -> list[str]:
    """Make ``destination`` a worktree of ``commit`` with its submodules; returns notes on what is missing.

    Nothing is downloaded: submodules and LFS files come from the repository's own stores.
    """
    repository.add_worktree(destination, commit)
    notes = _fill_submodules(repository, repository.submodules(commit), destination)
    _keep_links_inside(destination, repository.top)
    _fill_lfs_files(destination, repository.git_dir)
    for cache in list(destination.rglob("__pycache__")):
        shutil.rmtree(cache, ignore_errors=True)
    return notes


def _fill_submodules(repository: Repository, links: dict[str, str], tree: Path) -> list[str]:
    notes: list[str] = []
    names = _module_names(tree) if links else {}
    for path, commit in links.items():
        module = repository.top / path
        if (module / ".git").exists():
            store = Repository.open(module).git_dir
        else:
            store = repository.git_dir / "modules" / names.get(path, path)
        if not _extract(store, commit, tree / path):
            notes.append(f"submodule {path}: {commit[:12]} is not available locally, left empty")
            continue
        nested = Repository(store, store).submodules(commit)
        notes += _fill_submodules(Repository(module, store), nested, tree / path)
    return notes


def _module_names(tree: Path) -> dict[str, str]:
    """Path to name of the submodules that ``.gitmodules`` describes."""
    asked = Repository(tree, tree).ask(
        "config", "-z", "--file", ".gitmodules", "--get-regexp", r"^submodule\..*\.path$"
    )
    rows = (row.split("\n", 1) for row in split(asked or ""))
    return {row[1]: row[0].removeprefix("submodule.").removesuffix(".path") for row in rows if len(row) == 2}


def _extract(store: Path, commit: str, folder: Path) -> bool:
    """Write the files of ``commit`` into ``folder`` without touching the store's own index."""
    git = ("--git-dir", str(store), "--work-tree", str(folder))
    if not store.is_dir() or Repository(store, store).commit(commit) is None:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        index = {"GIT_INDEX_FILE": str(Path(scratch, "index"))}
        run(*git, "read-tree", commit, cwd=folder, extra=index)
        run(*git, "checkout-index", "--all", "--force", cwd=folder, extra=index)
    return True


def _keep_links_inside(tree: Path, top: Path) -> None:
    """A tracked absolute link into the user's tree would smuggle head's files into the baseline."""
    for row in split(run("ls-files", "-s", "-z", cwd=tree)):
        name = row.split("\t", 1)[1]
        if not row.startswith("120000 ") or not (tree / name).is_symlink():
            continue
        before = str((tree / name).readlink())
        after = _same_place(top / name, before, top)
        if after != before:
            (tree / name).unlink()
            (tree / name).symlink_to(after)


def _fill_lfs_files(tree: Path, git_dir: Path) -> None:
    for name in split(run("ls-files", "-z", "--", ":(attr:filter=lfs)", cwd=tree)):
        pointer = tree / name
        words = pointer.read_bytes()[:1024].split() if pointer.is_file() else []
        if len(words) > 3 and b" ".join(words[:2]).startswith(_LFS_POINTER):
            oid = words[3].decode("ascii", "replace").removeprefix("sha256:")
            stored = git_dir / "lfs" / "objects" / oid[:2] / oid[2:4] / oid
            if stored.is_file():
                copy_entry(stored, pointer, git_dir)
