"""git as typed verbs: each call is an argv in a fixed environment and fails with one sentence."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from maint.errors import BaselineError

# What git exports to its hooks: inherited, they would point every call at the outer repository or index.
_OUTER = frozenset(
    {
        *("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_INDEX_VERSION", "GIT_PREFIX"),
        *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH"),
        *("GIT_NAMESPACE", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE", "GIT_REPLACE_REF_BASE"),
        *("GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"),
    }
)

# A hook of the user's must not run for our checkouts, and a missing git-lfs must not fail them.
_QUIET = (
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "advice.detachedHead=false"),
    *("-c", "filter.lfs.smudge=", "-c", "filter.lfs.process=", "-c", "filter.lfs.required=false"),
)


def environment(outer: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment git runs in: English messages, no prompt, no LFS download, no outer repository."""
    kept = {k: v for k, v in (os.environ if outer is None else outer).items() if k not in _OUTER}
    return kept | {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_LFS_SKIP_SMUDGE": "1",
    }


def attempt(
    *arguments: str, cwd: Path, extra: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run git and return what came of it, whatever the exit status; raises BaselineError without git."""
    argv = ["git", *_QUIET, *arguments]
    try:
        return subprocess.run(
            argv,
            cwd=cwd,
            env=environment() | dict(extra or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
        )
    except FileNotFoundError as error:
        if not cwd.is_dir():
            raise BaselineError(f"{cwd}: no such directory; give an existing one as the root") from error
        raise BaselineError("git: not found on PATH; install git to compare with a baseline") from error


def run(*arguments: str, cwd: Path, extra: Mapping[str, str] | None = None) -> str:
    """Run git and return its standard output; raises BaselineError with git's own last words."""
    done = attempt(*arguments, cwd=cwd, extra=extra)
    if done.returncode:
        words = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        said = words[-1].removeprefix("fatal: ").removeprefix("error: ").rstrip(".")
        raise BaselineError(f"git {arguments[0]} in {cwd}: {said}; put that right and run again")
    return done.stdout


def split(output: str) -> list[str]:
    """The entries of a ``-z`` listing."""
    return [entry for entry in output.split("\0") if entry]


class Repository:
    """One working tree: ``top`` is its root, ``git_dir`` the store it shares with its linked worktrees."""

    def __init__(self, top: Path, git_dir: Path) -> None:
        self.top = top
        self.git_dir = git_dir

    @classmethod
    def open(cls, path: Path) -> Repository:
        """The repository that ``path`` is in; raises BaselineError where there is none."""
        done = attempt("rev-parse", "--show-toplevel", "--git-common-dir", cwd=path)
        if done.returncode:
            if "dubious ownership" in done.stderr:
                raise BaselineError(
                    f"{path}: owned by another user, so git refuses it; "
                    f"run: git config --global --add safe.directory {path}"
                )
            raise BaselineError(f"{path}: not in a git repository; a baseline needs one")
        top, common = done.stdout.split("\n")[:2]
        return cls(Path(top), Path(os.path.normpath(path.resolve() / common)))

    def head(self) -> str:
        """The full hash of the commit checked out; raises BaselineError in a repository without commits."""
        found = self.commit("HEAD")
        if found is None:
            raise BaselineError(f"{self.top}: the repository has no commits; commit once, then compare")
        return found

    def commit(self, name: str) -> str | None:
        """The full hash of the commit that ``name`` stands for, or None."""
        return self.ask("rev-parse", "--verify", "--quiet", name + "^{commit}") or None

    def ask(self, *arguments: str) -> str | None:
        """The stripped output of a question to git, or None where its answer is no (exit status not 0)."""
        done = self._attempt(*arguments)
        return done.stdout.strip() if done.returncode == 0 else None

    def is_dirty(self) -> bool:
        """True where tracked files differ from HEAD or untracked ones exist, reports and bytecode aside."""
        aside = (":(exclude,glob)**/.maint/**", ":(exclude,glob)**/__pycache__/**")
        arguments = ("status", "--porcelain", "-z", "--untracked-files=all", "--", ".", *aside)
        return bool(run(*arguments, cwd=self.top))

    def files(self) -> list[str]:
        """Tracked and untracked, not ignored files, relative to ``top``; some may be deleted on disk.

        Submodules and nested repositories are not entered.
        """
        links = set(self.submodules())
        listed = split(run("ls-files", "-z", "-co", "--exclude-standard", cwd=self.top))
        return sorted({name for name in listed if not name.endswith("/") and name not in links})

    def ignored(self, folders: Iterable[str]) -> list[str]:
        """Ignored files below ``folders``, relative to ``top``."""
        pathspecs = [f":(top,literal){folder}" for folder in folders]
        if not pathspecs:
            return []
        arguments = ("ls-files", "-z", "-oi", "--exclude-standard", "--", *pathspecs)
        return [name for name in split(run(*arguments, cwd=self.top)) if not name.endswith("/")]

    def submodules(self, commit: str | None = None) -> dict[str, str]:
        """Path to commit of every submodule, in the index or at ``commit``."""
        if commit is None:
            rows = split(run("ls-files", "-s", "-z", cwd=self.top))
            return {row.split("\t", 1)[1]: row.split()[1] for row in rows if row.startswith("160000 ")}
        rows = split(run("ls-tree", "-r", "-z", commit, cwd=self.top))
        return {row.split("\t", 1)[1]: row.split()[2] for row in rows if row.startswith("160000 ")}

    def worktrees(self) -> list[Path]:
        """Where this repository's worktrees are or once were, its main one included."""
        rows = run("worktree", "list", "--porcelain", cwd=self.top).split("\n")
        return [Path(row.removeprefix("worktree ")) for row in rows if row.startswith("worktree ")]

    def add_worktree(self, path: Path, commit: str) -> None:
        """Check ``commit`` out at ``path``, detached; raises BaselineError."""
        run("worktree", "add", "--quiet", "--detach", "--force", str(path), commit, cwd=self.top)

    def remove_worktree(self, path: Path) -> None:
        """Remove the worktree at ``path`` and its entry in the repository, there or not."""
        # Twice --force: a killed `worktree add` leaves its entry locked.
        self._attempt("worktree", "remove", "--force", "--force", str(path))

    def _attempt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return attempt(*arguments, cwd=self.top)
