"""The two trees of a comparison, side by side in the cache for as long as they are used."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from maint.baseline import aliases, dependencies, extensions, lock, overlay, roots, snapshot
from maint.baseline.project import Project, in_environment
from maint.baseline.signals import unwinding
from maint.git import Repository


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """One side. Both sides' paths have the same length.

    ``path`` is the copy of the repository, ``root`` pytest's rootdir in it, ``import_roots`` absolute folders
    that must come before site-packages, ``names`` the dotted units they provide, and ``forbidden`` the trees
    that no module may come from: the user's own and the other side's.
    """

    side: str
    path: Path
    root: Path
    import_roots: tuple[str, ...]
    names: tuple[str, ...]
    forbidden: tuple[str, ...]
    top: Path

    def locate(self, path: str | Path) -> str:
        """Where ``path`` of the user's tree is in this one; any other path, and installed ones, as given."""
        resolved = Path(os.path.realpath(path))
        if not resolved.is_relative_to(self.top) or in_environment(resolved, self.top):
            return str(path)
        return str(self.path / resolved.relative_to(self.top))

    def sys_path(self, entries: Iterable[str]) -> list[str]:
        """The collecting process's ``sys.path`` with the user's tree mapped to this one.

        Entries that name no folder (placeholders of editable installs) stay as they are.
        """
        return [self.locate(e or Path.cwd()) if Path(e).exists() else e for e in entries]


class TreePair(msgspec.Struct, frozen=True, kw_only=True):
    """``notes`` are for the report; ``harness_changed`` maps the Python files that drive the benchmarks and
    differ on the baseline, relative to the repository, to the baseline's own source (empty: it had none).
    """

    baseline: Tree
    head: Tree
    notes: tuple[str, ...] = ()
    harness_changed: Mapping[str, str] = {}


@contextmanager
def prepare(
    project: Project, repository: Repository, commit: str, *, selftest: bool = False
) -> Iterator[TreePair]:
    """Make both trees: ``commit`` as the baseline and the working tree as it is as the head.

    With ``selftest`` both are the baseline commit under head's benchmarks. The trees are removed at the end,
    also when SIGTERM, SIGHUP or Ctrl-C ends the program; those of a killed one are removed here. Raises
    BaselineError.
    """
    cache = lock.cache_root(Path(os.path.realpath(repository.top)))
    shelf = cache / lock.key(repository.git_dir)
    with unwinding():
        _prune(cache, repository)
        with lock.folder(shelf, commit[:12]) as folder:
            try:
                yield _fill(folder, project.real(), repository, commit, selftest=selftest)
            finally:
                repository.remove_worktree(folder / "b")


def _prune(cache: Path, repository: Repository) -> None:
    for folder in lock.abandoned(cache):
        if folder.parent.name == lock.key(repository.git_dir):
            repository.remove_worktree(folder / "b")
        lock.remove_tree(folder)
    shelf = cache / lock.key(repository.git_dir)
    for worktree in repository.worktrees():
        if worktree.is_relative_to(shelf) and not worktree.exists():
            with lock.held(worktree.parent) as mine:
                if mine:
                    repository.remove_worktree(worktree)


def _fill(folder: Path, project: Project, repository: Repository, commit: str, *, selftest: bool) -> TreePair:
    baseline, head = trees = folder / "b", folder / "h"
    top, root = repository.top, project.root.relative_to(repository.top).as_posix()
    notes = snapshot.check_out(repository, commit, baseline)
    snapshot.copy_working_tree(repository, head)
    notes += _dependency_notes(baseline / root, head / root)
    # What the baseline declares must be read before head's pytest configuration replaces it.
    import_roots = {
        tree: (*aliases.link(tree, root), *_import_roots(tree, project, top, root)) for tree in trees
    }
    names = roots.unit_names(head, import_roots[head])
    built = extensions.built_files(repository, project.modules, import_roots[head], names)
    notes += extensions.provide(built, project.build, trees, root)
    replaced = overlay.apply(overlay.plan(project, top, head, import_roots[head]), head, baseline)
    for name in overlay.matches(project.copy, project, top):
        for tree in trees:
            snapshot.copy_entry(top / name, tree / name, top)
    if selftest:
        lock.remove_tree(head)
        shutil.copytree(baseline, head, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        import_roots[head] = import_roots[baseline]
    units = {name for tree in trees for name in roots.unit_names(tree, import_roots[tree])}
    sides = {
        side: Tree(
            side=side,
            path=tree,
            root=tree / root,
            import_roots=tuple(os.path.normpath(tree / entry) for entry in import_roots[tree]),
            names=tuple(sorted(units)),
            forbidden=(str(top), str(other)),
            top=top,
        )
        for side, tree, other in (("baseline", baseline, head), ("head", head, baseline))
    }
    return TreePair(**sides, notes=tuple(notes), harness_changed=replaced)


def _import_roots(tree: Path, project: Project, top: Path, root: str) -> tuple[str, ...]:
    known = [
        *roots.relative_entries(project.sys_path, top),
        *roots.roots_of_modules(project.modules, top),
        *roots.relative_entries((str(project.root / entry) for entry in project.pythonpath), top),
    ]
    return roots.import_roots(tree, root, known)


def _dependency_notes(baseline: Path, head: Path) -> list[str]:
    files = dependencies.changed(baseline, head)
    return [f"deps: head's on both sides (declared differently: {', '.join(files)})"] if files else []
