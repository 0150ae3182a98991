"""The adapter against `emulate`, a server that speaks GitHub's API and is not ours, with faults in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from maint.errors import ForgeError
from maint.forge.protocol import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from maint.forge.github import GitHubForge
    from tests.maint.forge.conftest import Server


def body(fingerprint: str, text: str = "text") -> str:
    return f"<!-- maint:issue {fingerprint} -->\n\n{text}\n"


def bearing(forge: GitHubForge, fingerprint: str) -> list[int]:
    return [issue.number for issue in forge.managed() if fingerprint in issue.body]


def test_a_meta_issue_lives_its_life(emulated: Server, make_forge: Callable[..., GitHubForge]) -> None:
    fingerprint = "00000000000000a1"
    forge = make_forge(emulated)
    created = forge.create("3 tests fail", body(fingerprint), ["maint"])
    forge.comment(created.number, "<!-- maint:note 1 -->\nfixed")
    forge.comment(created.number, "<!-- maint:note 1 -->\nfixed")
    forge.edit(created.number, Change(state="closed", reason="completed"))
    reopened = forge.edit(created.number, Change(state="open", body=body(fingerprint, "back")))

    assert created.labels == ("maint",)
    assert (reopened.state, reopened.body) == ("open", body(fingerprint, "back"))
    assert bearing(make_forge(emulated), fingerprint) == [created.number]
    comments = [r for r in emulated.requests("POST") if r.path.endswith("/comments")]
    assert len(comments) == 1


def test_several_pages_are_listed(emulated: Server, make_forge: Callable[..., GitHubForge]) -> None:
    forge = make_forge(emulated)
    fingerprints = [f"{number:016x}" for number in range(0xB00, 0xB00 + 101)]
    created = {forge.create("one", body(fingerprint), []).number for fingerprint in fingerprints}

    assert created <= {issue.number for issue in make_forge(emulated).managed()}
    assert len(created) == len(fingerprints)


@pytest.mark.parametrize(
    ("fault", "fingerprint"),
    [
        ("502 after", "00000000000000c1"),
        ("502 before", "00000000000000c2"),
        ("reset after", "00000000000000c3"),
        ("reset before", "00000000000000c4"),
        ("truncated after", "00000000000000c5"),
        ("secondary", "00000000000000c6"),
        ("late never", "00000000000000c7"),
    ],
)
def test_no_fault_makes_a_duplicate(
    emulated: Server, make_forge: Callable[..., GitHubForge], fault: str, fingerprint: str
) -> None:
    emulated.faults.append(fault)
    forge = make_forge(emulated, timeout=0.5)
    issue = forge.create("one", body(fingerprint), [])

    assert bearing(make_forge(emulated), fingerprint) == [issue.number]


def test_a_repository_that_is_not_there_names_the_permission(
    emulated: Server, make_forge: Callable[..., GitHubForge]
) -> None:
    with pytest.raises(ForgeError, match=r"not found with this token.*`issues: read`"):
        make_forge(emulated, repository="octocat/elsewhere").managed()
