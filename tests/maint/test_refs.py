"""From a ref to the commit head is compared with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from maint.errors import BaselineError
from maint.git import Repository
from maint.refs import resolve

if TYPE_CHECKING:
    from tests.maint.conftest import Checkout, MakeCheckout


@pytest.fixture
def forked(checkout: Checkout) -> tuple[Checkout, str, str]:
    """A branch checked out that left main one commit ago: repository, merge base, tip of main."""
    base = checkout.commit({"a.py": "1"})
    checkout.git("switch", "--quiet", "--create", "feature")
    checkout.commit({"b.py": "1"})
    checkout.git("switch", "--quiet", "main")
    tip = checkout.commit({"a.py": "2"})
    checkout.git("switch", "--quiet", "feature")
    return checkout, base, tip


def test_merge_base_by_default_and_tip_on_request(forked: tuple[Checkout, str, str]) -> None:
    checkout, base, tip = forked
    repository = Repository.open(checkout.top)
    assert resolve(repository, "main").commit == base
    assert resolve(repository, "main", "tip").commit == tip
    assert resolve(repository, tip[:10], "tip").commit == tip


def test_a_branch_known_only_from_origin(
    forked: tuple[Checkout, str, str], tmp_path: Path, make_checkout: MakeCheckout
) -> None:
    checkout, base, _ = forked
    clone = make_checkout("clone")
    clone.git("remote", "add", "origin", str(checkout.top))
    clone.git("fetch", "--quiet", "origin")
    clone.git("switch", "--quiet", "--create", "mine", "origin/feature")
    found = resolve(Repository.open(clone.top), "main")
    assert found.commit == base
    assert found.note == "main is origin/main: there is no local branch"


def test_an_unknown_ref_suggests_the_one_that_was_meant(forked: tuple[Checkout, str, str]) -> None:
    with pytest.raises(BaselineError, match=r"mian: no such branch, tag or commit; did you mean main$"):
        resolve(Repository.open(forked[0].top), "mian")
    with pytest.raises(BaselineError, match="zzz: no such branch, tag or commit; run git fetch origin zzz"):
        resolve(Repository.open(forked[0].top), "zzz")


def test_no_commits(checkout: Checkout) -> None:
    with pytest.raises(BaselineError, match="no commits"):
        resolve(Repository.open(checkout.top), "main")


def test_unrelated_histories(checkout: Checkout) -> None:
    checkout.commit({"a.py": ""})
    checkout.git("switch", "--quiet", "--orphan", "other")
    checkout.commit({"b.py": ""})
    with pytest.raises(BaselineError, match="shares no history with head; name another ref"):
        resolve(Repository.open(checkout.top), "main")


def test_a_shallow_clone_names_fetch_depth(
    forked: tuple[Checkout, str, str], make_checkout: MakeCheckout
) -> None:
    clone = make_checkout("shallow")
    clone.git("remote", "add", "origin", forked[0].top.as_uri())
    clone.git("fetch", "--quiet", "--depth=1", "origin", "refs/heads/*:refs/remotes/origin/*")
    clone.git("switch", "--quiet", "--create", "feature", "origin/feature")
    with pytest.raises(BaselineError, match=r"main: this shallow clone ends before .*fetch-depth: 0"):
        resolve(Repository.open(clone.top), "main")
    with pytest.raises(BaselineError, match=r"zzz: not in this shallow clone; .*fetch-depth: 0"):
        resolve(Repository.open(clone.top), "zzz")


def _merge_as_ci_does(checkout: Checkout) -> None:
    checkout.git("switch", "--quiet", "--detach", "main")
    checkout.git("merge", "--quiet", "--no-ff", "--message", "merge", "feature")


def test_the_merge_commit_of_a_pull_request_is_compared_with_its_base_side(
    forked: tuple[Checkout, str, str],
) -> None:
    checkout, _, tip = forked
    _merge_as_ci_does(checkout)
    checkout.git(
        "branch", "--force", "main", checkout.git("commit-tree", "-m", "on", "-p", tip, f"{tip}^{{tree}}")
    )
    assert resolve(Repository.open(checkout.top), "main").commit == tip


def test_a_pull_requests_base_that_was_not_fetched_is_the_first_parent(
    forked: tuple[Checkout, str, str],
) -> None:
    checkout, _, tip = forked
    _merge_as_ci_does(checkout)
    checkout.git("branch", "--delete", "--force", "main")
    found = resolve(Repository.open(checkout.top), "main", environ={"GITHUB_BASE_REF": "main"})
    assert found.commit == tip
    assert found.note == "main is not in this clone: the base side of the merge is used"
    with pytest.raises(BaselineError, match="no such branch"):
        resolve(Repository.open(checkout.top), "main", environ={})
