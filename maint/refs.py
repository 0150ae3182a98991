"""From the ref a user names to the commit that head is compared with."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from typing import Literal

import msgspec

from maint.errors import BaselineError
from maint.git import Repository

At = Literal["merge-base", "tip"]


class Resolution(msgspec.Struct, frozen=True):
    """``commit`` (full hash) is what ``ref`` resolved to; ``note`` says what a reader would not expect."""

    ref: str
    commit: str
    note: str = ""


def resolve(
    repository: Repository, ref: str, at: At = "merge-base", environ: Mapping[str, str] | None = None
) -> Resolution:
    """The commit to compare with: where head left ``ref``, or the tip of ``ref``.

    A branch that exists only as ``origin/REF`` is found there. ``environ`` defaults to ``os.environ``; only
    GitHub's ``GITHUB_BASE_REF`` is read.

    Raises BaselineError: no commits, unknown ref, no merge base (in a shallow clone it names the remedy).
    """
    head = repository.head()
    found = _tip(repository, ref)
    if found is None:
        base_ref = (os.environ if environ is None else environ).get("GITHUB_BASE_REF")
        base_side = _base_side(repository, head) if base_ref == ref and at == "merge-base" else None
        if base_side is not None:
            return Resolution(
                ref, base_side, f"{ref} is not in this clone: the base side of the merge is used"
            )
        raise BaselineError(_unknown(repository, ref))
    tip, note = found
    if at == "tip":
        return Resolution(ref, tip, note)
    return Resolution(ref, _merge_base(repository, ref, tip, head), note)


def _tip(repository: Repository, ref: str) -> tuple[str, str] | None:
    commit = repository.commit(ref)
    if commit is not None:
        return commit, ""
    commit = repository.commit(f"refs/remotes/origin/{ref}")
    return None if commit is None else (commit, f"{ref} is origin/{ref}: there is no local branch")


def _base_side(repository: Repository, head: str) -> str | None:
    """The first parent of the merge commit that a CI checks out, detached, for a pull request; else None."""
    if repository.ask("symbolic-ref", "--quiet", "HEAD") is not None:
        return None
    parents = (repository.ask("rev-list", "--parents", "-n", "1", head) or "").split()[1:]
    return parents[0] if len(parents) == 2 else None


def _is_shallow(repository: Repository) -> bool:
    return repository.ask("rev-parse", "--is-shallow-repository") == "true"


def _merge_base(repository: Repository, ref: str, tip: str, head: str) -> str:
    base = repository.ask("merge-base", tip, head)
    if base:
        return base
    if _is_shallow(repository):
        raise BaselineError(
            f"{ref}: this shallow clone ends before the commit where head left it; "
            "fetch the whole history (actions/checkout: fetch-depth: 0, or git fetch --unshallow)"
        )
    raise BaselineError(
        f"{ref}: shares no history with head; name another ref, "
        "or compare benchmarks with --maint-baseline-at=tip"
    )


def _unknown(repository: Repository, ref: str) -> str:
    listed = repository.ask("for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes", "refs/tags")
    names = [name.split("/", 2)[2] for name in (listed or "").splitlines()]
    close = difflib.get_close_matches(ref, names, n=1)
    if close:
        return f"{ref}: no such branch, tag or commit; did you mean {close[0]}"
    if _is_shallow(repository):
        return f"{ref}: not in this shallow clone; fetch it (actions/checkout: fetch-depth: 0)"
    return f"{ref}: no such branch, tag or commit; run git fetch origin {ref}, or name another"
